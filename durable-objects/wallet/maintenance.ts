import type { ExecutionOutcome } from '../../contracts/wallet/journal.ts';
import type { CommandProcessor } from './command-processor.ts';
import { periodOf } from './rules/periods.ts';
import { end } from './rules/reservations.ts';
import { pruningTimeMs, RETENTION_MS } from './rules/retention.ts';
import type { WalletState } from './rules/state.ts';

/** The work of a wallet's alarm: expire reservations, open months, send entries, prune. */

/** Reservations expired per alarm; the next alarm follows at once for the rest. */
const EXPIRIES_MAX = 500;
/**
 * Least time that an unused key is kept; pruning goes by whole months, so it can be up to a month more. By then the key's
 * month is over, its next use brings its limits again, and no cache still holds it if it was revoked.
 */
const KEY_RETENTION_MS = 31 * 86_400_000;
/** Rows pruned per alarm and table: more than a busy wallet writes between two alarms. */
const PRUNED_MAX = 2_000;

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

/** Ends the reservation of an execution whose deadline is over. Nothing is charged. */
export function expireExecution(
  processor: CommandProcessor,
  state: WalletState,
  id: string,
  nowMs: number,
): void {
  const ending = { kind: 'expiry', amount: 0, outcome: expiredExecution(id, nowMs) } as const;
  const decision = end(state, processor.recordsOfExecution(id), ending, nowMs);
  if (decision.refusal !== undefined) throw new Error(`Refused: ${decision.refusal.code}`);
  processor.commit(decision, nowMs);
}

/**
 * Opens a month that has begun, then expires the reservations past their deadline. A reservation that cannot be expired, in
 * a damaged wallet, does not stop the others: the function throws after all were tried.
 */
function expireOverdue(processor: CommandProcessor, overdue: Overdue, nowMs: number): void {
  const opened = processor.state;
  if (opened === undefined || opened.seq === 0) return;
  processor.currentState({ wallet: opened.identity, policy: opened.policy });
  const faults: string[] = [];
  const late = processor.records.held().filter(({ expires_at_ms }) => expires_at_ms <= nowMs);
  for (const { id } of late.slice(0, EXPIRIES_MAX)) {
    try {
      overdue(processor, processor.state ?? opened, id, nowMs);
    } catch (error) {
      faults.push(`${id}: ${String(error)}`);
    }
  }
  processor.write();
  if (faults.length > 0) throw new Error(`${faults.length} reservations cannot be ended, like ${faults[0]}`);
}

/**
 * Deletes segments and Idempotency-Keys that are past their retention, so that storage stays bounded. Returns the time at which
 * there is more to delete, or infinity.
 */
function prune(processor: CommandProcessor, nowMs: number): number {
  const { store, records, outbox, state } = processor;
  const confirmedSeq = (outbox.unconfirmed()[0]?.first ?? Number.POSITIVE_INFINITY) - 1;
  const last = store.lastPrunable(nowMs - RETENTION_MS, confirmedSeq, PRUNED_MAX);
  if (last !== undefined && state !== undefined) {
    const deletable = records.leave(last, state);
    processor.write(() => store.deleteSegments(deletable));
  }
  store.pruneIdempotency(nowMs, PRUNED_MAX);
  const ends = store.ends();
  const hasEntries = ends !== undefined && ends.oldest.first_seq <= ends.newest.last_seq;
  return Math.min(
    hasEntries ? pruningTimeMs(ends.oldest.until_ms + RETENTION_MS) : Number.POSITIVE_INFINITY,
    pruningTimeMs(store.earliestIdempotencyExpiryMs() ?? Number.POSITIVE_INFINITY),
  );
}

function pruneKeys(processor: CommandProcessor, nowMs: number): void {
  const period = periodOf(nowMs - KEY_RETENTION_MS);
  processor.store.pruneKeys(period, PRUNED_MAX);
  processor.records.dropKeys(period);
  if (processor.records.isDirty) processor.write();
}

/** Steps that wallets of users and of tenants do differently. */
type DueWork = {
  /** Ends or prolongs a reservation that is past its deadline. */
  overdue: Overdue;
  /** Further work. */
  more: (nowMs: number) => void | Promise<void>;
};
type Overdue = (processor: CommandProcessor, state: WalletState, id: string, nowMs: number) => void;

/**
 * Expires overdue reservations, opens a month that has begun, sends unconfirmed entries, prunes, and schedules the next alarm.
 * A step that fails is logged and does not stop the others: a damaged wallet still sends its entries.
 */
export async function runDueWork(processor: CommandProcessor, { overdue, more }: DueWork): Promise<void> {
  processor.alarm.markFired();
  const nowMs = processor.now();
  let succeeded = true;
  for (const work of [
    () => expireOverdue(processor, overdue, nowMs),
    () => more(nowMs),
    () => processor.outbox.drain(nowMs),
    () => {
      if (processor.pruneAtMs <= nowMs) processor.pruneAtMs = prune(processor, nowMs);
    },
    () => pruneKeys(processor, nowMs),
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
