import path from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../dev/options.ts';

export type BenchOptions = {
  /** Names of rows, or the beginnings of names; empty for all. */
  rows: string[];
  /** Duration of one measurement. */
  seconds: number;
  /** Measurements of each contender of a row, taken in turn. */
  rounds: number;
  /** A first look: also with less data in the database. */
  quick: boolean;
  /** Names of the other gateways to measure. */
  peers: string[];
  /** Takes a CPU profile instead of measuring. */
  profile: boolean;
  /** Wallets that share the load of a profile. */
  wallets: number;
  /** The checkout whose Worker is measured; null for this one. */
  checkout: string | null;
  /** Writes the results to docs/benchmarks.md. */
  writeDocs: boolean;
};

export const helpText = (
  rows: { name: string; about: string }[],
): string => `Measures the product beside its peers, on this machine.

  npm run bench -- [options]

  --rows A,B      only the rows whose names begin so
  --seconds N     duration of one measurement, instead of 5
  --rounds N      measurements of each contender, in turn, instead of 5; tables show the median and the spread
  --quick         a first look: two rounds of two seconds, and a tenth of the data
  --peers A,B     the gateways beside us: portkey, litellm, or none; both by default, where they can be installed
  --profile       a CPU profile of the Worker at 32 connections instead of measurements
  --wallets N     wallets that share the load of the profile, instead of 1
  --checkout DIR  measure the Worker of another checkout, which has its dependencies installed, against this one's database
  --write-docs    write the tables and the plot to docs/
  --help          show this

Rows:
${rows.map(({ name, about }) => `  ${name.padEnd(16)}${about}`).join('\n')}

Results are written to .data/bench/results.json. Peers are installed in .data/bench/peers, never in the product.`;

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`--${name} must be a number above zero, not "${text}".`);
  return value;
}

const list = (text: string | undefined): string[] => (text ?? '').split(',').filter((item) => item !== '');

/** Parses the command line. Returns null for `--help`; throws {@link UsageError}. */
export function parseOptions(args: string[]): BenchOptions | null {
  try {
    const { values } = parseArgs({
      args,
      options: {
        rows: { type: 'string' },
        seconds: { type: 'string' },
        rounds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        peers: { type: 'string', default: 'portkey,litellm' },
        profile: { type: 'boolean', default: false },
        wallets: { type: 'string', default: '1' },
        checkout: { type: 'string' },
        'write-docs': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return null;
    const usual = values.quick ? '2' : '5';
    return {
      rows: list(values.rows),
      seconds: positive('seconds', values.seconds ?? usual),
      rounds: positive('rounds', values.rounds ?? usual),
      quick: values.quick,
      peers: list(values.peers).filter((name) => name !== 'none'),
      profile: values.profile,
      wallets: positive('wallets', values.wallets),
      checkout: values.checkout === undefined ? null : path.resolve(values.checkout),
      writeDocs: values['write-docs'],
    };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
