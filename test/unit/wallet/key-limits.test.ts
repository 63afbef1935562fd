import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyLimits } from '../../../contracts/wallet/key-limits.ts';
import {
  admit,
  adoptLimits,
  type KeyRecord,
  newKey,
  recordKeyUse,
} from '../../../durable-objects/wallet/rules/key-limits.ts';

const ID = '01900000-0000-7000-8000-00000000000c';
const MINUTE_MS = 60_000;
/** Ten seconds into a minute, ten minutes before a month ends. */
const NOW_MS = Date.UTC(2026, 10, 30, 23, 50, 10);

const limitsOf = (changes: Partial<KeyLimits>): KeyLimits => ({
  id: ID,
  version: 1,
  requests_per_minute: null,
  tokens_per_minute: null,
  monthly_budget_tokens: null,
  ...changes,
});

/** Begins an execution that must be let in. */
function begin(key: KeyRecord | undefined, limits: KeyLimits, amount: number, nowMs = NOW_MS): KeyRecord {
  const admitted = admit(key, limits, amount, nowMs);
  if (!admitted.ok) throw new Error(admitted.refusal.code);
  return admitted.key;
}

const refusalOf = (key: KeyRecord, limits: KeyLimits, amount: number, nowMs = NOW_MS) => {
  const admitted = admit(key, limits, amount, nowMs);
  return admitted.ok ? null : admitted.refusal;
};

/** A key with limits of every kind, and somebody who counts along. */
class LifeOfAKey {
  readonly limits = limitsOf({
    requests_per_minute: 3,
    tokens_per_minute: 700,
    monthly_budget_tokens: 2_000,
  });
  key = newKey(this.limits);
  nowMs = NOW_MS;
  readonly running: { amount: number; reserved_at_ms: number; share: number }[] = [];
  readonly begunByMinute = new Map<number, number>();
  readonly spentByMonth = new Map<string, number>();

  begin(amount: number, share: number): void {
    const admitted = admit(this.key, this.limits, amount, this.nowMs);
    if (!admitted.ok) return;
    this.key = admitted.key;
    this.running.push({ amount, reserved_at_ms: this.nowMs, share });
    const minute = Math.floor(this.nowMs / MINUTE_MS);
    this.begunByMinute.set(minute, (this.begunByMinute.get(minute) ?? 0) + 1);
  }

  endOldest(): void {
    const oldest = this.running.shift();
    if (oldest === undefined) return;
    const charged = Math.floor(oldest.amount * oldest.share);
    this.key = recordKeyUse(this.key, oldest, charged, this.nowMs);
    const month = new Date(this.nowMs).toISOString().slice(0, 7);
    this.spentByMonth.set(month, (this.spentByMonth.get(month) ?? 0) + charged);
  }
}

describe('requests per minute', () => {
  const limits = limitsOf({ requests_per_minute: 2 });

  it('lets in so many, refuses the next until the minute is over, and then lets in as many again', () => {
    const full = begin(begin(undefined, limits, 1), limits, 1);
    expect(refusalOf(full, limits, 1)).toEqual({
      ok: false,
      code: 'rate_limited',
      scope: 'api_key',
      limit: 'requests_per_minute',
      limit_max: 2,
      retry_after_ms: 50_000,
    });
    expect(refusalOf(full, limits, 1, NOW_MS + 49_999)).not.toBeNull();
    expect(refusalOf(full, limits, 1, NOW_MS + 50_000)).toBeNull();
  });
});

describe('tokens per minute', () => {
  const limits = limitsOf({ tokens_per_minute: 100 });

  it('counts what was reserved, and gives back what a settlement in the same minute did not need', () => {
    const held = begin(undefined, limits, 90);
    expect(refusalOf(held, limits, 20)).toMatchObject({ code: 'rate_limited', limit: 'tokens_per_minute' });
    const settled = recordKeyUse(held, { amount: 90, reserved_at_ms: NOW_MS }, 30, NOW_MS + 1_000);
    expect(refusalOf(settled, limits, 70, NOW_MS + 1_000)).toBeNull();
    expect(refusalOf(settled, limits, 71, NOW_MS + 1_000)).not.toBeNull();
  });

  it('gives nothing back to a minute that did not pay for it', () => {
    const held = begin(begin(undefined, limits, 90), limits, 90, NOW_MS + MINUTE_MS);
    const settled = recordKeyUse(held, { amount: 90, reserved_at_ms: NOW_MS }, 0, NOW_MS + MINUTE_MS);
    expect(settled.tokens_this_minute).toBe(90);
  });

  it('tells a request larger than any minute allows that waiting does not help', () => {
    expect(refusalOf(begin(undefined, limits, 50), limits, 101)).toEqual({
      ok: false,
      code: 'insufficient_balance',
      scope: 'api_key_minute',
      limit: 100,
      used: 0,
      reserved: 0,
      available: 100,
      required: 101,
      resets_at_ms: null,
    });
  });
});

describe('a monthly budget', () => {
  const limits = limitsOf({ monthly_budget_tokens: 1_000 });

  it('counts what was spent and what is held, and tells when it renews', () => {
    const running = begin(begin(undefined, limits, 600), limits, 300);
    const key = recordKeyUse(running, { amount: 600, reserved_at_ms: NOW_MS }, 500, NOW_MS);
    expect(refusalOf(key, limits, 200)).toBeNull();
    expect(refusalOf(key, limits, 201)).toEqual({
      ok: false,
      code: 'insufficient_balance',
      scope: 'api_key_month',
      limit: 1_000,
      used: 500,
      reserved: 300,
      available: 200,
      required: 201,
      resets_at_ms: Date.UTC(2026, 11, 1),
    });
  });

  it('begins anew with the month, but for what is still held', () => {
    const running = begin(begin(undefined, limits, 600), limits, 300);
    const key = recordKeyUse(running, { amount: 600, reserved_at_ms: NOW_MS }, 500, NOW_MS);
    expect(refusalOf(key, limits, 700, NOW_MS + 10 * MINUTE_MS)).toBeNull();
    expect(refusalOf(key, limits, 701, NOW_MS + 10 * MINUTE_MS)).not.toBeNull();
  });

  it('of zero allows nothing', () => {
    expect(refusalOf(newKey(limits), limitsOf({ version: 2, monthly_budget_tokens: 0 }), 1)).not.toBeNull();
  });
});

describe('limits', () => {
  it('are the newest anybody brought, in whatever order they come', () => {
    const strict = limitsOf({ version: 5, requests_per_minute: 1 });
    const key = adoptLimits(newKey(limitsOf({})), strict, 1);
    const used = begin(key, limitsOf({ version: 4, requests_per_minute: 9 }), 1);
    expect(refusalOf(used, limitsOf({ version: 4, requests_per_minute: 9 }), 1)).not.toBeNull();
    expect(refusalOf(used, limitsOf({ version: 6, requests_per_minute: 9 }), 1)).toBeNull();
  });

  it('never let more be spent in a month, or begun in a minute, than they say, whatever comes when', () => {
    const step = fc.record({
      amount: fc.integer({ min: 1, max: 400 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      ends: fc.boolean(),
      waitMs: fc.integer({ min: 0, max: 40_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const life = new LifeOfAKey();
        for (const { amount, share, ends, waitMs } of steps) {
          life.nowMs += waitMs;
          life.begin(amount, share);
          if (ends) life.endOldest();
          expect(life.key.held).toBe(life.running.reduce((sum, one) => sum + one.amount, 0));
          expect(life.key.tokens_this_minute).toBeGreaterThanOrEqual(0);
        }
        expect(Math.max(0, ...life.begunByMinute.values())).toBeLessThanOrEqual(3);
        expect(Math.max(0, ...life.spentByMonth.values())).toBeLessThanOrEqual(2_000);
      }),
    );
  });
});
