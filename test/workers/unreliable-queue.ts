import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { JournalEntry, JournalMessage } from '../../contracts/journal.ts';
import worker from '../../worker/index.ts';
import type { Random } from '../support/random.ts';
import { database } from './own-database.ts';

const COPIES_MAX = 10;
const BATCH_MAX = 20;
/** On a machine that is busy with other things Postgres may be late. */
const TRIES_MAX = 5;
const { worker_url, gateway_origin, resetting_gateway_origin } = database;

/** Wallets that never hear from the consumer. */
const deafWallets = {
  getByName: () => ({ confirm: () => Promise.reject(new Error('The confirmation was lost')) }),
} as unknown as Env['WALLET'];

type Accident = 'none' | 'confirmations_lost' | 'postgres_unreachable' | 'reset_after_commit';

/** Bindings with the real Postgres behind them, for a delivery that meets `accident`. A new object each time: settings go by it. */
function boundTo(accident: Accident): Env {
  const gateway = accident === 'reset_after_commit' ? resetting_gateway_origin : gateway_origin;
  const database = { DATABASE_URL: worker_url, NEON_FETCH_ENDPOINT: `${gateway}/sql` };
  // The bindings of this project lead to no Postgres.
  const bindings = accident === 'postgres_unreachable' ? env : { ...env, ...database };
  return { ...bindings, ...(accident === 'confirmations_lost' ? { WALLET: deafWallets } : {}) };
}

/** Hands messages to the Worker's consumer as one batch. Answers those that are to come again. */
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

/** Delivers all of `entries` of a wallet in order, each message until it is taken. */
export async function deliverInOrder({ wallet, entries }: Omit<JournalMessage, 'version'>): Promise<void> {
  for (let from = 0; from < entries.length; from += 100) {
    let underway: JournalMessage[] = [{ version: 1, wallet, entries: entries.slice(from, from + 100) }];
    for (let tries = 0; underway.length > 0; tries++) {
      if (tries === TRIES_MAX) throw new Error(`An orderly delivery failed from entry ${from + 1} on`);
      underway = await deliver(underway);
    }
  }
}

/** In the place of the `journal` queue: drops, multiplies and reorders what wallets send, and has accidents on the way. */
export class UnreliableQueue {
  readonly #random: Random;
  readonly #everSent: JournalMessage[] = [];
  #underway: JournalMessage[] = [];
  #isReliable = false;
  /** Every entry ever sent, by wallet and number. */
  readonly #sent = new Map<string, Map<number, JournalEntry>>();
  readonly counts = { sent: 0, dropped: 0, copies: 0, deliveries: 0, accidents: 0 };

  constructor(random: Random) {
    this.#random = random;
  }

  /** What a wallet has as its `JOURNAL_QUEUE`. */
  readonly binding = {
    sendBatch: async (messages: Iterable<{ body: JournalMessage }>): Promise<void> => {
      for (const { body } of messages) this.#take(body);
    },
  };

  /** From now on every message arrives, once or more often, and nothing goes wrong on the way. */
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

  /** Every entry the wallet has sent so far, in order. */
  sentBy(userId: string): JournalEntry[] {
    const entries = [...(this.#sent.get(userId)?.values() ?? [])];
    return entries.sort((one, other) => one.seq - other.seq);
  }

  /** Delivers a random few of what is underway, in random order. */
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

  /** Delivers once more some of what was sent at any time, each by itself: when all is long done. */
  async deliverStragglers(count: number): Promise<void> {
    for (const straggler of this.#random.shuffled(this.#everSent).slice(0, count)) await deliver([straggler]);
  }
}
