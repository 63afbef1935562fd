import { endWithUs } from '../../dev/end-with-us.ts';
import { callFigures } from './calls.ts';
import { type Figure, tableOf } from './figure.ts';
import { inputFigures } from './inputs.ts';

/** `npm run holds`: shows how close holds are to charges. */

const HELP = `Shows how close holds are to charges, and whether the targets are met.

  npm run holds -- [options]

  --inputs    the input of texts alone, without the local stack: takes seconds
  --help      show this

The calls run on a local stack of their own, with a provider that follows a script: takes about two minutes.
Exit codes: 0 if every target is met, 1 if one is missed, 2 for a mistake in the command line.`;

async function main(args: string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(HELP);
    return 0;
  }
  const unknown = args.find((arg) => arg !== '--inputs');
  if (unknown !== undefined) {
    console.error(`There is no option ${unknown}. --help lists them.`);
    return 2;
  }
  const shown: Figure[] = [];
  const show = (title: string, figures: Figure[]) => {
    console.log(`${tableOf(title, figures).join('\n')}\n`);
    shown.push(...figures);
  };
  const { ordinary, adversarial } = await inputFigures();
  show('Hold / charge of the input', ordinary);
  show('Hold / charge of adversarial input, an OpenAI model', adversarial);
  if (!args.includes('--inputs')) {
    endWithUs();
    show('Calls', await callFigures());
  }
  const missed = shown.filter(({ isMet }) => !isMet).length;
  console.log(missed === 0 ? 'Every target is met.' : `${missed} targets are missed.`);
  return missed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
