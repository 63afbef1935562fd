import { type JournalMessage, journalMessage } from '../../contracts/journal.ts';
import { findBrokenLink } from '../../journal/verify.ts';
import { connect, type Database, DatabaseUnavailable } from '../db/client.ts';
import { projectJournal } from '../db/journal.ts';
import type { Log } from '../runtime/log.ts';
import { settingsOf } from '../runtime/settings.ts';
import { callWallet } from '../wallet-access/wallet-client.ts';
import { retryDelayS } from './retry-delay.ts';

type Delivery = { message: Message; journal: JournalMessage };

/**
 * Writes wallets' journal entries to Postgres, the whole batch in one round trip, then tells each wallet what is durable.
 * Entries may come twice, late or out of order: the writes are idempotent by (wallet, seq). A wallet that does not hear
 * the confirmation sends again, which changes nothing.
 */
export async function consumeJournal(batch: MessageBatch, env: Env, log: Log): Promise<void> {
  const settings = settingsOf(env);
  const database = connect({
    databaseUrl: settings.DATABASE_URL,
    fetchEndpoint: settings.NEON_FETCH_ENDPOINT,
    applicationName: 'vanilla-queue',
  });
  await project(
    database,
    batch.messages.flatMap((message) => parse(message, log)),
    env,
    log,
  );
}

/**
 * Refuses a message for good: what is wrong with it stays wrong. Nothing is written and nothing confirmed, so the wallet still
 * holds its entries and sends them again; the log tells a person why they do not arrive.
 */
function refuse(message: Message, code: string, log: Log, details: Record<string, unknown>): void {
  log.error(code, { message_id: message.id, attempts: message.attempts, ...details });
  message.ack();
}

/** A message whose entries are what the wallet it names has hashed. */
function parse(message: Message, log: Log): Delivery[] {
  const parsed = journalMessage.safeParse(message.body);
  if (!parsed.success) {
    refuse(message, 'journal_message_malformed', log, { issues: parsed.error.issues.slice(0, 5) });
    return [];
  }
  const { wallet, entries } = parsed.data;
  const difference = findBrokenLink(wallet, entries);
  if (difference === undefined) return [{ message, journal: parsed.data }];
  const { kind, seq } = difference;
  refuse(message, 'journal_hash_broken', log, { wallet, kind, seq });
  return [];
}

async function project(database: Database, deliveries: Delivery[], env: Env, log: Log): Promise<void> {
  const [only, ...others] = deliveries;
  if (only === undefined) return;
  try {
    const written = await projectJournal(
      database,
      deliveries.map(({ journal }) => journal),
    );
    if (!written.ok) {
      // Which of them was refused is not known, and the others must not wait for it.
      if (others.length > 0) return await projectOneByOne(database, deliveries, env, log);
      const { wallet, entries } = only.journal;
      return refuse(only.message, written.failure.code, log, { wallet, first_seq: entries[0]?.seq });
    }
  } catch (error) {
    // One message that Postgres cannot take must not hold up the others of its batch.
    if (!(error instanceof DatabaseUnavailable) && others.length > 0)
      return await projectOneByOne(database, deliveries, env, log);
    log.warn('journal_projection_failed', { error, messages: deliveries.length });
    for (const { message } of deliveries) message.retry({ delaySeconds: retryDelayS(message.attempts) });
    return;
  }
  await Promise.all(deliveries.map(({ journal }) => confirm(journal, env, log)));
  for (const { message } of deliveries) message.ack();
}

async function projectOneByOne(
  database: Database,
  deliveries: Delivery[],
  env: Env,
  log: Log,
): Promise<void> {
  for (const delivery of deliveries) await project(database, [delivery], env, log);
}

async function confirm({ wallet, entries }: JournalMessage, env: Env, log: Log): Promise<void> {
  const first = entries.at(0);
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return;
  await callWallet({ wallets: env.WALLET, log }, wallet, (stub) =>
    stub.confirm({ wallet, first_seq: first.seq, last_seq: last.seq }),
  );
}
