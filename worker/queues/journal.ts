import { type JournalMessage, journalMessage } from '../../contracts/journal.ts';
import { connect, type Database, DatabaseUnavailable } from '../db/client.ts';
import { projectJournal } from '../db/journal.ts';
import { settingsOf } from '../env.ts';
import type { Log } from '../log.ts';
import { callWallet } from '../services/wallet-client.ts';
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

/** Repeating cannot mend a malformed message, and the wallet still holds its entries: it goes the way of the dead letters. */
function parse(message: Message, log: Log): Delivery[] {
  const parsed = journalMessage.safeParse(message.body);
  if (parsed.success) return [{ message, journal: parsed.data }];
  log.error('journal_message_malformed', { message_id: message.id, issues: parsed.error.issues.slice(0, 5) });
  message.retry();
  return [];
}

async function project(database: Database, deliveries: Delivery[], env: Env, log: Log): Promise<void> {
  if (deliveries.length === 0) return;
  try {
    await projectJournal(
      database,
      deliveries.map(({ journal }) => journal),
    );
  } catch (error) {
    // One message that Postgres refuses must not hold up the others of its batch.
    if (!(error instanceof DatabaseUnavailable) && deliveries.length > 1) {
      for (const delivery of deliveries) await project(database, [delivery], env, log);
      return;
    }
    log.warn('journal_projection_failed', { error, messages: deliveries.length });
    for (const { message } of deliveries) message.retry({ delaySeconds: retryDelayS(message.attempts) });
    return;
  }
  await Promise.all(deliveries.map(({ journal }) => confirm(journal, env, log)));
  for (const { message } of deliveries) message.ack();
}

async function confirm({ wallet, entries }: JournalMessage, env: Env, log: Log): Promise<void> {
  const first = entries.at(0);
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return;
  await callWallet({ wallets: env.WALLET, log }, wallet, (stub) =>
    stub.confirm({ wallet, first_seq: first.seq, last_seq: last.seq }),
  );
}
