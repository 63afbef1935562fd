import type { WalletIdentity } from '../../contracts/wallet/journal.ts';

/**
 * A Postgres for the tests of one file in workerd, with unused wallets. Each wallet has a twin, which belongs to a user of another
 * tenant. Types only: Node, which starts it, and workerd, which uses it, both import this file.
 */
export type ProvidedDatabase = {
  owner_url: string;
  worker_url: string;
  gateway_origin: string;
  /** Another gateway, which runs every query and then breaks the connection instead of answering. */
  resetting_gateway_origin: string;
  wallets: { own: WalletIdentity; twin: WalletIdentity }[];
  /** More unused wallets, in two tenants, without twins. */
  spares: WalletIdentity[];
};

declare module 'vitest' {
  export interface ProvidedContext {
    /** Address that answers every POST with a new {@link ProvidedDatabase}. */
    databaseCopies: string;
    /** Seed of the random choices: JOURNAL_SEED=... repeats a run. */
    seed: number;
  }
}
