import type { ExecutionOutcome, JournalMessage } from '../../contracts/journal.ts';
import type { CommandProcessor } from './command-processor.ts';
import { batchesOf, DRAIN_ENTRIES_MAX, resendDelayMs } from './rules/outbox.ts';
import { periodOf } from './rules/periods.ts';
import { end } from './rules/reservations.ts';
import type { WalletState } from './rules/state.ts';

/** The work of a wallet's alarm: expire reservations, open months, send entries, prune. */

/** Reservations expired per alarm; the next alarm follows at once for the rest. */
const EXPIRIES_MAX = 500;
/** Time that confirmed entries and ended reservations are kept. */
const RETENTION_MS = 7 * 86_400_000;
/**
 * Least time that an unused key is kept; pruning goes by whole months, so it can be up to a month more. By then the key's
 * month is over, its next use brings its limits again, and no cache still holds it if it was revoked.
 */
const KEY_RETENTION_MS = 31 * 86_400_000;
/** Rows pruned per alarm and table: more than a busy wallet writes between two alarms. */
const PRUNED_MAX = 2_000;
const PRUNING_DELAY_MS = 3_600_000;
/** Time limits of sending, so that a slow queue does not delay expiring reservations: per call, and for all calls of one alarm. */
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

function expire(processor: CommandProcessor, state: WalletState, id: string, nowMs: number): void {
  const ending = { kind: 'expiry', amount: 0, outcome: expiredExecution(id, nowMs) } as const;
  const decision = end(state, processor.recordsOfExecution(id), ending, nowMs);
  if (decision.refusal !== undefined) throw new Error(`Refused: ${decision.refusal.code}`);
  processor.commit(decision, nowMs);
}

/**
 * Opens a month that has begun, then expires the reservations past their deadline. A reservation that cannot be expired, in
 * a damaged wallet, does not stop the others: the function throws after all were tried.
 */
function expireOverdue(processor: CommandProcessor, nowMs: number): void {
  const opened = processor.state;
  if (opened === undefined || opened.seq === 0) return;
  processor.currentState({ wallet: opened.identity, policy: opened.policy });
  const faults: string[] = [];
  for (const { id } of processor.store.overdueReservations(nowMs, EXPIRIES_MAX)) {
    try {
      expire(processor, processor.state ?? opened, id, nowMs);
    } catch (error) {
      faults.push(`${id}: ${String(error)}`);
    }
  }
  if (faults.length > 0) throw new Error(`${faults.length} reservations cannot be ended, like ${faults[0]}`);
}

/**
 * Sends the due entries to the queue within the time limits of one alarm. Entries that were not sent in time, or that are not
 * confirmed, are due again after their resend delay. Throws when the queue fails.
 */
export async function drainOutbox(
  processor: CommandProcessor,
  queue: Queue<JournalMessage>,
  nowMs: number,
  { call_max_ms, total_max_ms } = SEND_LIMITS,
): Promise<void> {
  if (processor.state === undefined) return;
  const due = processor.store.dueEntries(nowMs, DRAIN_ENTRIES_MAX);
  // Postponed before sending: if the queue fails, the entries are due again later and not lost.
  for (const { entry, sends } of due)
    processor.store.postpone(entry.seq, sends + 1, nowMs + resendDelayMs(sends + 1));
  const startedMs = Date.now();
  for (const batch of batchesOf(processor.state.identity, due)) {
    const leftMs = startedMs + total_max_ms - Date.now();
    if (leftMs <= 0) return;
    await withTimeout(Math.min(call_max_ms, leftMs), queue.sendBatch(batch.map((body) => ({ body }))));
  }
}

/**
 * Deletes confirmed entries, Idempotency-Keys and API keys that are past their retention, so that storage stays bounded.
 * Schedules the next pruning an hour after it is due, so that an hour's worth of rows costs one alarm.
 */
function prune(processor: CommandProcessor, nowMs: number): void {
  const { store, alarm } = processor;
  store.prune(nowMs - RETENTION_MS, PRUNED_MAX);
  store.pruneIdempotency(nowMs, PRUNED_MAX);
  store.pruneKeys(periodOf(nowMs - KEY_RETENTION_MS), PRUNED_MAX);
  const confirmedAtMs = store.oldestConfirmedMs();
  if (confirmedAtMs !== null) alarm.scheduleBy(confirmedAtMs + RETENTION_MS + PRUNING_DELAY_MS);
  const expiresAtMs = store.earliestIdempotencyExpiryMs();
  if (expiresAtMs !== null) alarm.scheduleBy(expiresAtMs + PRUNING_DELAY_MS);
}

/**
 * Expires overdue reservations, opens a month that has begun, sends unconfirmed entries, prunes, and schedules the next alarm.
 * A step that fails is logged and does not stop the others: a damaged wallet still sends its entries.
 */
export async function runDueWork(processor: CommandProcessor, queue: Queue<JournalMessage>): Promise<void> {
  processor.alarm.markFired();
  const nowMs = processor.now();
  let succeeded = true;
  for (const work of [
    () => expireOverdue(processor, nowMs),
    () => processor.flush(),
    () => drainOutbox(processor, queue, nowMs),
    () => prune(processor, nowMs),
  ]) {
    try {
      await work();
    } catch (error) {
      succeeded = false;
      console.error(JSON.stringify({ level: 'error', event: 'wallet_alarm_failed', error: String(error) }));
    }
  }
  processor.alarm.recordRun(succeeded);
  processor.scheduleAlarm();
}

/** Rejects when `work` takes longer than `limitMs`, and ignores its later result. */
async function withTimeout(limitMs: number, work: Promise<unknown>): Promise<void> {
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
