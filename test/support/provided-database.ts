import type { WalletIdentity } from '../../contracts/journal.ts';

/**
 * A Postgres for the tests of one file in workerd, and wallets nobody has used yet: each with a twin, a user of another tenant.
 * Types alone: both Node, which starts it, and workerd, which uses it, read this file.
 */
export type ProvidedDatabase = {
  owner_url: string;
  worker_url: string;
  gateway_origin: string;
  /** Another way in, which does what it is asked and then breaks the connection instead of answering. */
  resetting_gateway_origin: string;
  wallets: { own: WalletIdentity; twin: WalletIdentity }[];
  /** More of them, of two tenants, without twins. */
  spares: WalletIdentity[];
};

declare module 'vitest' {
  export interface ProvidedContext {
    /** Answers every POST with a {@link ProvidedDatabase} of its own. */
    databaseCopies: string;
    /** Where chance begins: JOURNAL_SEED=... repeats a run. */
    seed: number;
  }
}
