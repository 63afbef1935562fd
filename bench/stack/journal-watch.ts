import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const TIMEOUT_MS = 180_000;
const POLL_MS = 100;

/** Watches how many journal entries have reached Postgres. */
export class JournalWatch {
  readonly #client: pg.Client;
  #seen = 0;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async connect(ownerUrl: string): Promise<JournalWatch> {
    const client = new pg.Client({ connectionString: ownerUrl });
    await client.connect();
    // Row security applies to the owner too, and admits the operator role.
    await client.query(`select set_config('app.role', 'operator', false)`);
    return new JournalWatch(client);
  }

  /** The entries in Postgres. A wallet's newest entry has the number of all its entries. */
  async count(): Promise<number> {
    const { rows } = await this.#client.query(
      'select coalesce(sum(seq), 0) as count from user_token_wallets',
    );
    return Number(rows[0].count);
  }

  /** Forgets what has arrived so far. */
  async begin(): Promise<void> {
    this.#seen = await this.count();
  }

  /** Waits for `entries` more than at {@link begin}. Throws when they do not come. */
  async waitFor(entries: number): Promise<void> {
    const deadlineMs = performance.now() + TIMEOUT_MS;
    for (;;) {
      const arrived = (await this.count()) - this.#seen;
      if (arrived >= entries) return;
      if (performance.now() > deadlineMs)
        throw new Error(`Only ${arrived} of ${entries} journal entries reached Postgres`);
      await sleep(POLL_MS);
    }
  }

  async stop(): Promise<void> {
    await this.#client.end();
  }
}
