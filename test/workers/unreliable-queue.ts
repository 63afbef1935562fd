import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { JournalEntry, JournalMessage } from '../../contracts/wallet/journal.ts';
import worker from '../../worker/index.ts';
import type { Random } from '../support/random.ts';
import { database } from './own-database.ts';

const COPIES_MAX = 10;
const BATCH_MAX = 20;
/** Most deliveries of a message that should succeed. On a busy machine Postgres may time out. */
const TRIES_MAX = 5;
const { worker_url, gateway_origin, resetting_gateway_origin } = database;

/** Wallets that never receive a confirmation. */
const deafWallets = {
  getByName: () => ({ confirm: () => Promise.reject(new Error('The confirmation was lost')) }),
} as unknown as Env['WALLET'];

type Accident = 'none' | 'confirmations_lost' | 'postgres_unreachable' | 'reset_after_commit';

/** Returns bindings with the real Postgres for a delivery with `accident`. A new object each time, since settings are cached by it. */
function boundTo(accident: Accident): Env {
  const gateway = accident === 'reset_after_commit' ? resetting_gateway_origin : gateway_origin;
  const database = { DATABASE_URL: worker_url, NEON_FETCH_ENDPOINT: `${gateway}/sql` };
  // The bindings of this project have no Postgres.
  const bindings = accident === 'postgres_unreachable' ? env : { ...env, ...database };
  return { ...bindings, ...(accident === 'confirmations_lost' ? { WALLET: deafWallets } : {}) };
}

/** Delivers messages to the Worker's consumer as one batch. Returns those to be retried. */
export async function deliver<Message>(messages: Message[], accident: Accident = 'none'): Promise<Message[]> {
  const bodies = new Map(messages.map((body) => [crypto.randomUUID(), body]));
  const batch = createMessageBatch(
    'journal',
    [...bodies].map(([id, body]) => ({ id, timestamp: new Date(), attempts: 1, body })),
  );
  const context = createExecutionContext();
  await worker.queue(batch, boundTo(accident), context);
  const { retryMessages } = await getQueueResult(batch, context);
  return retryMessages.flatMap(({ msgId }: { msgId: string }) => bodies.get(msgId) ?? []);
}

/**
 * Delivers messages, and those to be retried again, as the queue does when Postgres is busy for a moment. Returns those that come back
 * however often they are delivered.
 */
export async function deliverUntilTaken<Message>(messages: Message[]): Promise<Message[]> {
  let underway = messages;
  for (let tries = 0; underway.length > 0 && tries < TRIES_MAX; tries++) underway = await deliver(underway);
  return underway;
}

/** Delivers all `entries` of a wallet in order, and repeats each message until it is acknowledged. */
export async function deliverInOrder({ wallet, entries }: Omit<JournalMessage, 'version'>): Promise<void> {
  for (let from = 0; from < entries.length; from += 100) {
    const message: JournalMessage = { version: 1, wallet, entries: entries.slice(from, from + 100) };
    if ((await deliverUntilTaken([message])).length > 0)
      throw new Error(`An orderly delivery failed from entry ${from + 1} on`);
  }
}

/** Replaces the `journal` queue: loses, duplicates and reorders the messages of wallets, and injects accidents. */
export class UnreliableQueue {
  readonly #random: Random;
  readonly #everSent: JournalMessage[] = [];
  #underway: JournalMessage[] = [];
  #isReliable = false;
  /** All entries sent so far, by wallet and number. */
  readonly #sent = new Map<string, Map<number, JournalEntry>>();
  readonly counts = { sent: 0, dropped: 0, copies: 0, deliveries: 0, accidents: 0 };

  constructor(random: Random) {
    this.#random = random;
  }

  /** The `JOURNAL_QUEUE` binding of a wallet. */
  readonly binding = {
    sendBatch: async (messages: Iterable<{ body: JournalMessage }>): Promise<void> => {
      for (const { body } of messages) this.#take(body);
    },
  };

  /** Makes the queue reliable: every message arrives at least once, without accidents. */
  heal(): void {
    this.#isReliable = true;
  }

  #take(message: JournalMessage): void {
    this.counts.sent += 1;
    this.#everSent.push(message);
    const { user_id } = message.wallet;
    const known = this.#sent.get(user_id) ?? new Map<number, JournalEntry>();
    this.#sent.set(user_id, known);
    for (const entry of message.entries) {
      const before = known.get(entry.seq);
      if (before !== undefined && before.hash !== entry.hash)
        throw new Error(`Entry ${entry.seq} was sent again as another`);
      known.set(entry.seq, entry);
    }
    if (!this.#isReliable && this.#random.chance(0.3)) {
      this.counts.dropped += 1;
      return;
    }
    const copies = this.#random.integer(1, COPIES_MAX);
    this.counts.copies += copies;
    for (let copy = 0; copy < copies; copy++) this.#underway.push(message);
  }

  /** Returns all entries that the wallet has sent so far, in order. */
  sentBy(userId: string): JournalEntry[] {
    const entries = [...(this.#sent.get(userId)?.values() ?? [])];
    return entries.sort((one, other) => one.seq - other.seq);
  }

  /** Delivers some random messages, in random order. */
  async deliverSome(): Promise<void> {
    this.#underway = this.#random.shuffled(this.#underway);
    const batch = this.#underway.splice(0, this.#random.integer(1, BATCH_MAX));
    if (batch.length === 0) return;
    const accident: Accident =
      this.#isReliable || this.#random.chance(0.6)
        ? 'none'
        : this.#random.pick(['confirmations_lost', 'postgres_unreachable', 'reset_after_commit']);
    this.counts.deliveries += batch.length;
    this.counts.accidents += accident === 'none' ? 0 : 1;
    this.#underway.push(...(await deliver(batch, accident)));
  }

  async deliverAll(): Promise<void> {
    while (this.#underway.length > 0) await this.deliverSome();
  }

  /** Delivers again some messages of any time, each in its own batch, after everything has arrived. */
  async deliverStragglers(count: number): Promise<void> {
    for (const straggler of this.#random.shuffled(this.#everSent).slice(0, count)) await deliver([straggler]);
  }
}
