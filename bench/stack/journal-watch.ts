import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { TENANT_ID } from './seed.ts';

const TIMEOUT_MS = 180_000;
const POLL_MS = 20;

/** Watches how many journal entries have reached Postgres. */
export class JournalWatch {
  readonly #client: pg.Client;
  #before = 0;

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

  /** The number of entries by the newest of each wallet: quick, and too high while an older one is missing. */
  async #newest(): Promise<number> {
    const { rows } = await this.#client.query(
      'select coalesce(sum(seq), 0) as count from user_token_wallets where tenant_id = $1',
      [TENANT_ID],
    );
    return Number(rows[0].count);
  }

  async #count(): Promise<number> {
    const { rows } = await this.#client.query(
      'select count(*) as count from user_token_ledger where tenant_id = $1',
      [TENANT_ID],
    );
    return Number(rows[0].count);
  }

  /** Notes what has arrived so far. */
  async begin(): Promise<void> {
    this.#before = await this.#count();
  }

  /** Waits for `entries` more than at {@link begin}. Throws when they do not come. */
  async waitFor(entries: number): Promise<void> {
    const deadlineMs = performance.now() + TIMEOUT_MS;
    const wanted = this.#before + entries;
    while ((await this.#newest()) < wanted || (await this.#count()) < wanted) {
      if (performance.now() > deadlineMs)
        throw new Error(
          `Only ${(await this.#count()) - this.#before} of ${entries} journal entries reached Postgres`,
        );
      await sleep(POLL_MS);
    }
  }

  /** The time from an entry to its row, ascending in milliseconds, of debits since a moment. */
  async lagsSince(atMs: number): Promise<number[]> {
    const { rows } = await this.#client.query<{ lag: number }>(
      `select extract(epoch from created_at)::float8 * 1000 - at_ms as lag from user_token_ledger
       where tenant_id = $1 and kind = 'debit' and at_ms >= $2 order by 1`,
      [TENANT_ID, atMs],
    );
    return rows.map(({ lag }) => lag);
  }

  async stop(): Promise<void> {
    await this.#client.end();
  }
}
