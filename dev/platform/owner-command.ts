import { parseArgs } from 'node:util';
import { drizzle, type NeonDatabase } from 'drizzle-orm/neon-serverless';
import { ownerPool } from '../migrate.ts';
import { UsageError } from '../options.ts';

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;
type Values<Own extends Options> = ReturnType<typeof parseArgs<{ options: Own }>>['values'];

const common = {
  gateway: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} satisfies Options;

/** Reads the command line. Throws {@link UsageError} for an option that does not exist. */
function readArguments<Own extends Options>(own: Own) {
  try {
    const { values } = parseArgs({ options: { ...own, ...common } });
    return values as Values<Own> & { gateway?: string; help: boolean };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Runs a command of the database's owner, whose URL is in DATABASE_OWNER_URL, and returns its exit code: 2 for a wrong call. Adds
 * `--help` and `--gateway` to its options.
 */
export async function runOwnerCommand<Own extends Options>(
  help: string,
  options: Own,
  work: (database: NeonDatabase, values: Values<Own>) => Promise<number>,
): Promise<number> {
  try {
    const values = readArguments(options);
    if (values.help) {
      console.log(help);
      return 0;
    }
    const ownerUrl = process.env.DATABASE_OWNER_URL;
    if (!ownerUrl) throw new UsageError('DATABASE_OWNER_URL must be set.');
    const pool = ownerPool(ownerUrl, values.gateway ?? null);
    try {
      return await work(drizzle(pool), values);
    } finally {
      await pool.end();
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\nFor the options: --help`);
    return 2;
  }
}
