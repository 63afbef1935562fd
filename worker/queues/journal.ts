import { type JournalMessage, journalMessage } from '../../contracts/wallet/journal.ts';
import type { ConfirmCommand } from '../../durable-objects/wallet/commands.ts';
import { findBrokenLink } from '../../journal/verify.ts';
import { announce } from '../alerts/announce.ts';
import type { Told } from '../db/alerts/tell.ts';
import { type Database, DatabaseUnavailable } from '../db/client.ts';
import { projectJournal } from '../db/ledger/journal.ts';
import type { Log } from '../runtime/log.ts';
import { settingsOf } from '../runtime/settings.ts';
import { callAnyWallet } from '../wallet-access/wallet-client.ts';
import { connectAsQueue, retryDelayS } from './queue.ts';

type Delivery = { message: Message; journal: JournalMessage };

/**
 * Writes journal entries of wallets to Postgres, the whole batch in one round trip, then confirms them to each wallet. Entries
 * may be repeated, late or out of order: writes are idempotent by (wallet, seq). A wallet that misses the confirmation sends
 * the entries again.
 */
export async function consumeJournal(batch: MessageBatch, env: Env, log: Log): Promise<void> {
  await project(
    connectAsQueue(env),
    batch.messages.flatMap((message) => parse(message, log)),
    env,
    log,
  );
}

/**
 * Refuses a message permanently, because repeating it cannot fix it. Nothing is written or confirmed, so the wallet keeps its
 * entries and sends them again; the log reports the reason.
 */
function refuse(message: Message, code: string, log: Log, details: Record<string, unknown>): void {
  log.error(code, { message_id: message.id, attempts: message.attempts, ...details });
  message.ack();
}

/** Parses a message and verifies that its entries are those the wallet hashed. */
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
  let told: Told[];
  try {
    const written = await projectJournal(
      database,
      deliveries.map(({ journal }) => journal),
    );
    if (!written.ok) {
      // One entry of the batch was refused; written one by one, the other messages succeed.
      if (others.length > 0) return await projectOneByOne(database, deliveries, env, log);
      const { wallet, entries } = only.journal;
      return refuse(only.message, written.failure.code, log, { wallet, first_seq: entries[0]?.seq });
    }
    told = written.value;
  } catch (error) {
    // A message that Postgres cannot store must not block the other messages of its batch.
    if (!(error instanceof DatabaseUnavailable) && others.length > 0)
      return await projectOneByOne(database, deliveries, env, log);
    log.warn('journal_projection_failed', { error, messages: deliveries.length });
    for (const { message } of deliveries) message.retry({ delaySeconds: retryDelayS(message.attempts) });
    return;
  }
  const confirmations = confirmationsOf(deliveries.map(({ journal }) => journal));
  await Promise.all(confirmations.map((confirmation) => confirm(confirmation, env, log)));
  if (await isAnnounced(told, env, log)) for (const { message } of deliveries) message.ack();
  // Written again, they change nothing, and wake endpoints whose deliveries nobody has begun.
  else for (const { message } of deliveries) message.retry({ delaySeconds: retryDelayS(message.attempts) });
}

/** Announces what entries have told. Returns false if a queue cannot be reached. */
async function isAnnounced(told: Told[], env: Env, log: Log): Promise<boolean> {
  if (told.length === 0) return true;
  const deps = { settings: settingsOf(env), mailQueue: env.MAIL_QUEUE, webhooksQueue: env.WEBHOOKS_QUEUE };
  try {
    await Promise.all(told.map((one) => announce(deps, one)));
    return true;
  } catch (error) {
    log.warn('news_not_announced', { error, tenants: told.length });
    return false;
  }
}

async function projectOneByOne(
  database: Database,
  deliveries: Delivery[],
  env: Env,
  log: Log,
): Promise<void> {
  for (const delivery of deliveries) await project(database, [delivery], env, log);
}

/**
 * The ranges of entries that messages hold, wallet by wallet. Ranges that touch or overlap are one, so that a wallet with many
 * messages in a batch is mostly called once.
 */
function confirmationsOf(messages: JournalMessage[]): ConfirmCommand[] {
  const ranges = messages
    .map(({ wallet, entries }) => ({
      wallet,
      first_seq: entries[0]?.seq ?? 0,
      last_seq: entries.at(-1)?.seq ?? 0,
    }))
    .sort((one, other) => one.first_seq - other.first_seq);
  const newest = new Map<string, ConfirmCommand>();
  const confirmations: ConfirmCommand[] = [];
  for (const range of ranges) {
    const key = `${range.wallet.tenant_id}/${range.wallet.user_id}`;
    const before = newest.get(key);
    if (before !== undefined && range.first_seq <= before.last_seq + 1) {
      before.last_seq = Math.max(before.last_seq, range.last_seq);
    } else {
      newest.set(key, range);
      confirmations.push(range);
    }
  }
  return confirmations;
}

async function confirm(command: ConfirmCommand, env: Env, log: Log): Promise<void> {
  const deps = { wallets: env.WALLET, tenantWallets: env.TENANT_WALLET, log };
  await callAnyWallet(deps, command.wallet, (stub) => stub.confirm(command));
}

/**
 * Consumes journal messages that were delivered too often. They are only an alert: the wallet keeps every entry until Postgres
 * has confirmed it, and sends it again.
 */
export function consumeDeadJournal(batch: MessageBatch, log: Log): void {
  for (const message of batch.messages) {
    log.error('journal_message_dead', { message_id: message.id, attempts: message.attempts });
  }
  batch.ackAll();
}
