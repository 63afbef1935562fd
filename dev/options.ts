import path from 'node:path';
import { parseArgs } from 'node:util';
import { platformSettingsOf, providerKindIds } from '../contracts/catalog/provider-kinds.ts';

export type StackOptions = {
  /** The public port. All other ports are chosen among the free ones. */
  port: number;
  /** Absolute path of the folder that holds all state. */
  dataFolder: string;
  /** Deletes that state first. */
  reset: boolean;
  /** Leaves out the demo data. */
  empty: boolean;
  /** Turns a simulated Turnstile on. */
  turnstile: boolean;
  /** Gives a demo tenant three months of history. */
  demoData: boolean;
  /** Prints a line for each request. */
  verbose: boolean;
};

/** The public port unless another is chosen. */
export const DEFAULT_PORT = 8787;

const keyNames = providerKindIds.map((kind) => platformSettingsOf(kind).api_key).join(', ');

/** The text that `--help` prints. */
export const HELP = `Runs the whole product on this machine: Postgres, Neon's protocols, AI provider simulators, the Worker and the web app.

  npm start -- [options]

  --port N      the public port, instead of ${DEFAULT_PORT} (or set PORT); all others are chosen among the free ones
  --data DIR    where all state is kept, instead of .data/ in this folder
  --reset       delete that state first
  --turnstile   ask newcomers to pass a simulated Turnstile
  --empty       leave out the demo tenants, to begin as a new owner does: with npm run bootstrap
  --demo-data   give Acme three months of history, with about 5,000 executions; once for a data folder
  --verbose     print a line for each request
  --help        show this

To run two copies side by side, give each its own port and data folder. Ctrl-C stops everything; press it twice to force.

Providers are simulated until a real key is in .dev.vars (${keyNames}).
LOG_LEVEL and the Worker's other variables can be set there too.`;

/** A mistake in the command line, described for the person who typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port >= 1 && port <= 65_535))
    throw new UsageError(`The port must be a number from 1 to 65535, not "${text}".`);
  return port;
}

/** Parses the command line. Returns null for `--help`; throws {@link UsageError}. `portVariable` is the environment's PORT. */
export function parseOptions(
  args: string[],
  portVariable: string | undefined,
  root: string,
): StackOptions | null {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: 'string' },
        data: { type: 'string' },
        reset: { type: 'boolean', default: false },
        empty: { type: 'boolean', default: false },
        turnstile: { type: 'boolean', default: false },
        'demo-data': { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return null;
    if (values.empty && values['demo-data'])
      throw new UsageError(
        'Choose one: --empty leaves out the demo tenants, and --demo-data gives one a history.',
      );
    return {
      port: parsePort(values.port ?? (portVariable || String(DEFAULT_PORT))),
      dataFolder: path.resolve(root, values.data ?? '.data'),
      reset: values.reset,
      empty: values.empty,
      turnstile: values.turnstile,
      demoData: values['demo-data'],
      verbose: values.verbose,
    };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
