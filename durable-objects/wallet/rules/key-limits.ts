import type { KeyLimits, KeyWindow } from '../../../contracts/wallet/key-limits.ts';
import type { BalanceRefusal, KeyRefusal } from '../commands.ts';
import { endOfPeriodMs, periodOf } from './periods.ts';

/**
 * Pure: the spending limits of an API key. They are checked in the same transaction as the balance, so that concurrent
 * requests cannot exceed them. Minutes and months are calendar ones, in UTC.
 */

const MINUTE_MS = 60_000;

/** The wallet's record of an API key. */
export type KeyRecord = {
  id: string;
  revoked: boolean;
  /** The limits with the highest version received. */
  limits: KeyLimits;
  /** The minute that the next two fields count, in minutes since the epoch. */
  minute: number;
  requests_this_minute: number;
  /** Tokens reserved in this minute. A settlement in the same minute subtracts its unused part. */
  tokens_this_minute: number;
  /** The UTC month that `spent` counts, as YYYY-MM. */
  period: string;
  spent: number;
  /** Tokens held by running executions of this key. */
  held: number;
};

/** Limits of a key that the wallet has received none for. */
export const unlimited = (id: string): KeyLimits => ({
  id,
  version: 0,
  requests_per_minute: null,
  tokens_per_minute: null,
  monthly_budget_tokens: null,
});

/** The record of a key before its first use. */
export const newKey = (limits: KeyLimits): KeyRecord => ({
  id: limits.id,
  revoked: false,
  limits,
  minute: 0,
  requests_this_minute: 0,
  tokens_this_minute: 0,
  period: '',
  spent: 0,
  held: 0,
});

/**
 * Takes over limits with a higher version; they may arrive late and in any order. Also moves the record to the current month, so
 * that pruning keeps it for longer than any cache holds older limits.
 */
export function adoptLimits(before: KeyRecord, limits: KeyLimits, nowMs: number): KeyRecord {
  const key = withCurrentWindows(before, nowMs);
  return limits.version > key.limits.version ? { ...key, limits } : key;
}

/** Revokes a key, used or not, and moves the record to the current month, so that pruning keeps it. */
export const revoke = (key: KeyRecord, nowMs: number): KeyRecord => ({
  ...withCurrentWindows(key, nowMs),
  revoked: true,
});

/** Resets the counts of a minute or month that is over. Wallet time never runs backwards, so neither do the windows. */
function withCurrentWindows(key: KeyRecord, nowMs: number): KeyRecord {
  const minute = Math.floor(nowMs / MINUTE_MS);
  const period = periodOf(nowMs);
  const inMinute =
    minute === key.minute ? key : { ...key, minute, requests_this_minute: 0, tokens_this_minute: 0 };
  return period === key.period ? inMinute : { ...inMinute, period, spent: 0 };
}

const overBudget = (
  scope: BalanceRefusal['scope'],
  limit: number,
  { used, reserved, required }: { used: number; reserved: number; required: number },
  resets_at_ms: number | null,
): KeyRefusal => ({
  ok: false,
  code: 'insufficient_balance',
  scope,
  limit,
  used,
  reserved,
  available: Math.max(0, limit - used - reserved),
  required,
  resets_at_ms,
});

function refusalOf(key: KeyRecord, amount: number, nowMs: number): KeyRefusal | null {
  const { requests_per_minute, tokens_per_minute, monthly_budget_tokens } = key.limits;
  const retry_after_ms = (key.minute + 1) * MINUTE_MS - nowMs;
  const wait = { ok: false, code: 'rate_limited', scope: 'api_key', retry_after_ms } as const;
  if (requests_per_minute !== null && key.requests_this_minute >= requests_per_minute)
    return { ...wait, limit: 'requests_per_minute', limit_max: requests_per_minute };
  if (tokens_per_minute !== null && amount > tokens_per_minute) {
    // The request exceeds the limit of every minute, so waiting does not help.
    return overBudget('api_key_minute', tokens_per_minute, { used: 0, reserved: 0, required: amount }, null);
  }
  if (tokens_per_minute !== null && key.tokens_this_minute + amount > tokens_per_minute)
    return { ...wait, limit: 'tokens_per_minute', limit_max: tokens_per_minute };
  if (monthly_budget_tokens !== null && key.spent + key.held + amount > monthly_budget_tokens) {
    const figures = { used: key.spent, reserved: key.held, required: amount };
    return overBudget('api_key_month', monthly_budget_tokens, figures, endOfPeriodMs(key.period));
  }
  return null;
}

/** Counts an execution of at most `amount`, or refuses it with the limit it would exceed and the time that limit resets. */
export function admit(
  known: KeyRecord | undefined,
  limits: KeyLimits,
  amount: number,
  nowMs: number,
): { ok: true; key: KeyRecord } | { ok: false; refusal: KeyRefusal } {
  const key = adoptLimits(known ?? newKey(limits), limits, nowMs);
  const refusal = refusalOf(key, amount, nowMs);
  if (refusal !== null) return { ok: false, refusal };
  return {
    ok: true,
    key: {
      ...key,
      requests_this_minute: key.requests_this_minute + 1,
      tokens_this_minute: key.tokens_this_minute + amount,
      held: key.held + amount,
    },
  };
}

const left = (limit: number | null, used: number): KeyWindow['requests'] =>
  limit === null ? null : { limit, remaining: Math.max(0, limit - used) };

/** Returns what is left of a key's limits per minute. */
export function windowOf({ limits, minute, ...used }: KeyRecord, nowMs: number): KeyWindow {
  return {
    requests: left(limits.requests_per_minute, used.requests_this_minute),
    tokens: left(limits.tokens_per_minute, used.tokens_this_minute),
    resets_in_ms: Math.max(0, (minute + 1) * MINUTE_MS - nowMs),
  };
}

/** Returns the tokens that a running execution of the key may still add to its hold, by its limits of the minute and the month. */
export function roomOf(before: KeyRecord, nowMs: number): number {
  const key = withCurrentWindows(before, nowMs);
  const { tokens_per_minute, monthly_budget_tokens } = key.limits;
  const inMinute = (tokens_per_minute ?? Number.POSITIVE_INFINITY) - key.tokens_this_minute;
  const inMonth = (monthly_budget_tokens ?? Number.POSITIVE_INFINITY) - key.spent - key.held;
  return Math.max(0, Math.min(inMinute, inMonth));
}

/** Counts tokens that a running execution adds to its hold. */
export function recordRaise(before: KeyRecord, amount: number, nowMs: number): KeyRecord {
  const key = withCurrentWindows(before, nowMs);
  return { ...key, tokens_this_minute: key.tokens_this_minute + amount, held: key.held + amount };
}

/** Counts that a running execution lowers its hold to `amount`. */
export function recordLowering(
  before: KeyRecord,
  hold: { amount: number; reserved_at_ms: number },
  amount: number,
  nowMs: number,
): KeyRecord {
  const key = withCurrentWindows(before, nowMs);
  const freed = hold.amount - amount;
  const sameMinute = Math.floor(hold.reserved_at_ms / MINUTE_MS) === key.minute;
  return {
    ...key,
    tokens_this_minute: key.tokens_this_minute - (sameMinute ? freed : 0),
    held: key.held - freed,
  };
}

/** Counts the end of an execution: `charged` tokens are spent, the rest of its amount is free again. */
export function recordKeyUse(
  before: KeyRecord,
  { amount, reserved_at_ms }: { amount: number; reserved_at_ms: number },
  charged: number,
  nowMs: number,
): KeyRecord {
  const key = withCurrentWindows(before, nowMs);
  const sameMinute = Math.floor(reserved_at_ms / MINUTE_MS) === key.minute;
  return {
    ...key,
    tokens_this_minute: key.tokens_this_minute - (sameMinute ? amount - charged : 0),
    held: key.held - amount,
    spent: key.spent + charged,
  };
}
