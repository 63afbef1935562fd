import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { texts } from '../../test/unit/providers/metering/texts.ts';
import { countByTokenizer } from '../../worker/providers/metering/input-count.ts';
import { inputTokensBound } from '../../worker/providers/metering/token-bound.ts';
import type { NeutralRequest } from '../../worker/providers/provider.ts';
import { type Figure, ratio } from './figure.ts';

/** Holds for the input of prompts, beside the count of an OpenAI model: the product's functions, and the library that counts. */

/** OpenAI's models add this to a message of a user. */
const MESSAGE_TOKENS = 7;
const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
const chargeOf = (text: string): number => countTokens(text, asText) + MESSAGE_TOKENS;

const asking = (model: string, text: string): NeutralRequest => ({
  ...{ model, max_output_tokens: 1_000 },
  messages: [{ role: 'user', content: [{ type: 'text', text }] }],
});

/** Prompts have some thousand tokens. */
const TIMES = 16;
const ORDINARY = ['English', 'German', 'Chinese', 'Japanese', 'code', 'JSON'];
const MOST = 1.3;

/** Texts that have many tokens for their bytes, or would be costly to count. */
const adversarial: [name: string, text: string][] = [
  ['random letters', 'xkqzjvwpfhgtrbnmsdfghjklqwrtzpvb'.repeat(100)],
  ['rare scripts', '𒀀𒀁𓀀ꙮ🜁'.repeat(300)],
  ['white space', ' \t\n\r  \u00a0\u2003'.repeat(500)],
  ['special tokens', '<|endoftext|><|im_start|>'.repeat(100)],
  ['combined marks', 'Z͑ͫ̓a̴̵l̶̡g͉̱o̷̧'.repeat(200)],
  ['ligatures', '\ufdfa'.repeat(500)],
  ['a megabyte of one letter', 'a'.repeat(1_000_000)],
];

/** Returns the figures of ordinary and adversarial texts. */
export async function inputFigures(): Promise<{ ordinary: Figure[]; adversarial: Figure[] }> {
  const ordinary: Figure[] = [];
  for (const name of ORDINARY) {
    const text = `${texts.find((one) => one.name === name)?.text}\n`.repeat(TIMES);
    const charged = chargeOf(text);
    const bound = inputTokensBound('openai', asking('gpt-5.4', text));
    const exact = await countByTokenizer('openai', asking('gpt-5.4', text));
    const other = await countByTokenizer('openai', asking('llama-4', text));
    ordinary.push(
      ratio(`${name}: held at first, by its bytes`, bound, charged, { least: 1 }),
      ratio(`${name}: counted, an OpenAI model`, exact, charged, { least: 1, most: MOST }),
      ratio(`${name}: counted, another tokenizer`, other, charged, { least: 1, most: MOST }),
    );
  }
  const attacks: Figure[] = [];
  for (const [name, text] of adversarial) {
    // The library takes the square of the length for text without a border. This one has 8 letters a token.
    const charged = text.length > 100_000 ? text.length / 8 : chargeOf(text);
    const held = await countByTokenizer('openai', asking('gpt-5.4', text));
    attacks.push(ratio(name, held, charged, { least: 1 }));
  }
  return { ordinary, adversarial: attacks };
}
