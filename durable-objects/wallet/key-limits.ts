import type { BalanceRefusal, KeyLimits, KeyRefusal } from './commands.ts';
import { endOfPeriodMs, periodOf } from './periods.ts';

/**
 * Pure: what one API key may spend of its user's wallet. Checked in the same step as the balance, so it holds exactly as the
 * balance does. Minutes and months are the clock's, in UTC: at most so many in any one of them.
 */

const MINUTE_MS = 60_000;

/** What the wallet remembers of a key. */
export type KeyRecord = {
  id: string;
  revoked: boolean;
  /** The newest limits anybody brought. */
  limits: KeyLimits;
  /** The minute the next two count, in minutes since the epoch. */
  minute: number;
  requests_this_minute: number;
  /** Reserved in this minute; what a settlement does not need is given back, if the minute is still the same. */
  tokens_this_minute: number;
  /** The UTC month that `spent` counts. */
  period: string;
  spent: number;
  /** Held by executions of this key that run. */
  held: number;
};

/** What holds for a key until anybody says otherwise. */
export const unlimited = (id: string): KeyLimits => ({
  id,
  version: 0,
  requests_per_minute: null,
  tokens_per_minute: null,
  monthly_budget_tokens: null,
});

/** A key nobody has used yet. */
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
 * Limits may arrive late and in any order: the newest version holds. Remembered from now on, though the key was never used, and for
 * longer than any cache believes in older ones.
 */
export function adoptLimits(before: KeyRecord, limits: KeyLimits, nowMs: number): KeyRecord {
  const key = turned(before, nowMs);
  return limits.version > key.limits.version ? { ...key, limits } : key;
}

/** A key that may begin nothing any more. Remembered from now on, though it was never used. */
export const revoke = (key: KeyRecord, nowMs: number): KeyRecord => ({
  ...turned(key, nowMs),
  revoked: true,
});

/** Turns the page when a minute or a month is over. Never back: wallet time does not run backwards. */
function turned(key: KeyRecord, nowMs: number): KeyRecord {
  const minute = Math.floor(nowMs / MINUTE_MS);
  const period = periodOf(nowMs);
  const inMinute =
    minute === key.minute ? key : { ...key, minute, requests_this_minute: 0, tokens_this_minute: 0 };
  return period === key.period ? inMinute : { ...inMinute, period, spent: 0 };
}

const beyondBudget = (
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
    // Waiting does not help: it is more than any minute allows.
    return beyondBudget(
      'api_key_minute',
      tokens_per_minute,
      { used: 0, reserved: 0, required: amount },
      null,
    );
  }
  if (tokens_per_minute !== null && key.tokens_this_minute + amount > tokens_per_minute)
    return { ...wait, limit: 'tokens_per_minute', limit_max: tokens_per_minute };
  if (monthly_budget_tokens !== null && key.spent + key.held + amount > monthly_budget_tokens) {
    const figures = { used: key.spent, reserved: key.held, required: amount };
    return beyondBudget('api_key_month', monthly_budget_tokens, figures, endOfPeriodMs(key.period));
  }
  return null;
}

/** Lets an execution of at most `amount` begin, or says which limit it would break and when that heals. */
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

/** An execution of the key ended: what it was charged is spent, and what it did not need is free again. */
export function endUse(
  before: KeyRecord,
  { amount, reserved_at_ms }: { amount: number; reserved_at_ms: number },
  charged: number,
  nowMs: number,
): KeyRecord {
  const key = turned(before, nowMs);
  const sameMinute = Math.floor(reserved_at_ms / MINUTE_MS) === key.minute;
  return {
    ...key,
    tokens_this_minute: key.tokens_this_minute - (sameMinute ? amount - charged : 0),
    held: key.held - amount,
    spent: key.spent + charged,
  };
}
