import type { ExecutionOutcome, JournalMessage } from '../../contracts/journal.ts';
import type { WalletKeeper } from './keeper.ts';
import { batchesOf, DRAIN_ENTRIES_MAX, resendDelayMs } from './outbox.ts';
import { periodOf } from './periods.ts';
import { end } from './rules.ts';
import type { WalletState } from './state.ts';

/** What a wallet does by itself when its alarm rings. */

/** Reservations ended per alarm; the rest has the next alarm at once. */
const EXPIRIES_MAX = 500;
/** How long what Postgres has confirmed, and what has ended, can still be asked about. */
const RETENTION_MS = 7 * 86_400_000;
/**
 * How long a key that nobody uses is remembered, and a few days less than a month longer at most. By then its month is over, its
 * limits come again with its next use, and no cache knows it any more if it was revoked.
 */
const KEY_RETENTION_MS = 31 * 86_400_000;
/** Old entries forgotten per alarm: more than a busy wallet writes between two alarms, so it keeps up. */
const PRUNED_MAX = 2_000;
const PRUNING_DELAY_MS = 3_600_000;
/** A queue that is slow to answer must not keep the alarm from ending reservations: per call, and for all calls of one alarm. */
const SEND_LIMITS = { call_max_ms: 10_000, total_max_ms: 20_000 };

const expiredExecution = (id: string, nowMs: number): ExecutionOutcome => ({
  id,
  status: 'expired',
  provider_name: null,
  provider_model: null,
  finish_reason: null,
  usage: null,
  usage_source: null,
  price_version: null,
  cost_micro_usd: 0,
  attempts: [],
  error_code: 'reservation_expired',
  finished_at_ms: nowMs,
});

function expire(keeper: WalletKeeper, state: WalletState, id: string, nowMs: number): void {
  const ending = { kind: 'expiry', amount: 0, outcome: expiredExecution(id, nowMs) } as const;
  const decision = end(state, keeper.factsOf(id), ending, nowMs);
  if (decision.refusal !== undefined) throw new Error(`Refused: ${decision.refusal.code}`);
  keeper.commit(decision, nowMs);
}

/**
 * Gives back what reservations past their deadline hold, and opens a month that has begun. One that cannot be ended, in a wallet that
 * was damaged, keeps no other from it; it throws once all were tried.
 */
function expireOverdue(keeper: WalletKeeper, nowMs: number): void {
  const opened = keeper.state;
  if (opened === undefined || opened.seq === 0) return;
  keeper.upToDate({ wallet: opened.identity, policy: opened.policy });
  const faults: string[] = [];
  for (const { id } of keeper.store.overdueReservations(nowMs, EXPIRIES_MAX)) {
    try {
      expire(keeper, keeper.state ?? opened, id, nowMs);
    } catch (error) {
      faults.push(`${id}: ${String(error)}`);
    }
  }
  if (faults.length > 0) throw new Error(`${faults.length} reservations cannot be ended, like ${faults[0]}`);
}

/**
 * Sends the entries that are due and that Postgres has not confirmed, for as long as one alarm may take; what is left is due
 * again soon.
 */
export async function drainOutbox(
  keeper: WalletKeeper,
  queue: Queue<JournalMessage>,
  nowMs: number,
  { call_max_ms, total_max_ms } = SEND_LIMITS,
): Promise<void> {
  if (keeper.state === undefined) return;
  const due = keeper.store.dueEntries(nowMs, DRAIN_ENTRIES_MAX);
  // Put off first: if the queue does not take them they are due again later, and never lost.
  for (const { entry, sends } of due)
    keeper.store.postpone(entry.seq, sends + 1, nowMs + resendDelayMs(sends + 1));
  const startedMs = Date.now();
  for (const batch of batchesOf(keeper.state.identity, due)) {
    const leftMs = startedMs + total_max_ms - Date.now();
    if (leftMs <= 0) return;
    await within(Math.min(call_max_ms, leftMs), queue.sendBatch(batch.map((body) => ({ body }))));
  }
}

/**
 * Forgets what has been confirmed long enough ago: storage stays bounded. A wallet that nobody uses any more wakes for it, an hour
 * late, so that what was done over an hour costs one alarm.
 */
function prune(keeper: WalletKeeper, nowMs: number): void {
  const { store, clock } = keeper;
  store.prune(nowMs - RETENTION_MS, PRUNED_MAX);
  store.pruneIdempotency(nowMs, PRUNED_MAX);
  store.pruneKeys(periodOf(nowMs - KEY_RETENTION_MS), PRUNED_MAX);
  const confirmedAtMs = store.oldestConfirmedMs();
  if (confirmedAtMs !== null) clock.wakeBy(confirmedAtMs + RETENTION_MS + PRUNING_DELAY_MS);
  const expiresAtMs = store.earliestIdempotencyExpiryMs();
  if (expiresAtMs !== null) clock.wakeBy(expiresAtMs + PRUNING_DELAY_MS);
}

/**
 * Ends what is overdue, opens a month that has begun, sends what Postgres has not confirmed, forgets what is old, and sets the next
 * alarm. Each for itself: a wallet that was damaged still tells Postgres what it did.
 */
export async function doWhatIsDue(keeper: WalletKeeper, queue: Queue<JournalMessage>): Promise<void> {
  keeper.clock.rang();
  const nowMs = keeper.now();
  let succeeded = true;
  for (const work of [
    () => expireOverdue(keeper, nowMs),
    () => keeper.flush(),
    () => drainOutbox(keeper, queue, nowMs),
    () => prune(keeper, nowMs),
  ]) {
    try {
      await work();
    } catch (error) {
      succeeded = false;
      console.error(JSON.stringify({ level: 'error', event: 'wallet_alarm_failed', error: String(error) }));
    }
  }
  keeper.clock.done(succeeded);
  keeper.arm();
}

/** Rejects when `work` takes longer than `limitMs`; what it does later goes unheard. */
async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
