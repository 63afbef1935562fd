import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadyCandidate } from '../../../worker/catalog/candidates.ts';
import { chatTask } from '../../../worker/executions/chat-task.ts';
import {
  byBudget,
  fitToRoom,
  highestLimit,
  isPayable,
  limitTo,
  mayCover,
  roomOf,
} from '../../../worker/executions/fitting.ts';
import { planOf } from '../../../worker/executions/plan.ts';
import { wholesaleBound } from '../../../worker/executions/wholesale.ts';
import { chatOfRequest } from '../../../worker/surfaces/native/request.ts';
import { candidate, price, wholesaleHold } from './candidate.ts';

const { terms } = wholesaleHold(0);
const ready = (fields = {}, provider = {}): ReadyCandidate => ({
  ...candidate({ max_output_tokens: 64_000, ...fields }, provider),
  price,
  credential: { kind: 'openai', base_url: null, secret: 'k' },
});

function planFor(max_output_tokens: number, candidates: [ReadyCandidate, ...ReadyCandidate[]] = [ready()]) {
  const hello = { ...chatOfRequest({ model: 'auto', prompt: 'Hello' }), max_output_tokens };
  const planned = planOf(chatTask(hello, { fit_to_balance: true }), candidates);
  if (!planned.ok) throw new Error(planned.failure.code);
  return planned.value;
}

const refusedWith = (covered: number, covered_alone = covered) =>
  roomOf({ ok: false, code: 'tenant_budget', covered, covered_alone }, terms);

describe('an output limit that the tenant’s budget does not cover', () => {
  const plan = planFor(900);
  const whole = wholesaleBound(plan.candidates, 900, terms);

  it('is lowered to the highest that it covers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole - 1 }), (covered) => {
        const fitted = fitToRoom(plan, refusedWith(covered));
        if (fitted === null) {
          expect(covered).toBeLessThan(wholesaleBound(plan.candidates, 16, terms));
          return;
        }
        const { candidates, max_output_tokens } = fitted;
        expect(fitted).toMatchObject({ fitted: true, held_output_tokens: max_output_tokens });
        expect(wholesaleBound(candidates, max_output_tokens, terms)).toBeLessThanOrEqual(covered);
        expect(wholesaleBound(candidates, max_output_tokens + 1, terms)).toBeGreaterThan(covered);
        expect(fitted.worst_case_tokens).toBeLessThan(plan.worst_case_tokens);
      }),
    );
  });

  it('stays as it is where the budget covers it by now', () => {
    expect(fitToRoom(plan, refusedWith(whole))).toBe(plan);
  });

  it('is not lowered to little while others hold the budget, and could be paid if nothing else ran', () => {
    const long = planFor(4_000);
    const room = refusedWith(1_000, 9_000);
    expect(fitToRoom(long, room)).toBeNull();
    expect(isPayable(long, room)).toBe(true);
    expect(isPayable(long, refusedWith(1_000, 1_001))).toBe(true);
    expect(isPayable(long, refusedWith(100, 101)), 'too little for 16 tokens').toBe(false);
    expect(isPayable(long, refusedWith(1_000)), 'nothing runs').toBe(false);
  });

  it('is lowered where calls are paid with the tenant’s own key only if that costs less', () => {
    const own = planFor(900, [ready({}, { api_key_ciphertext: 'x', tenant_id: crypto.randomUUID() })]);
    const fee = { ...terms, own_key_fee_micro_usd: 50 };
    expect(byBudget(50, fee)(own.candidates, 64_000)).toBe(true);
    expect(byBudget(49, fee)(own.candidates, 1)).toBe(false);
  });
});

describe('the limit of an answer whose hold grows', () => {
  const plan = planFor(64_000);

  it('is what the tenant’s budget can pay, and at least what is held', () => {
    const left = byBudget(80_000, terms);
    const limited = limitTo(plan, left);
    expect(limited).toMatchObject({ fitted: true, held_output_tokens: 1_024 });
    expect(limited.max_output_tokens).toBeGreaterThan(9_900);
    expect(limited.max_output_tokens).toBeLessThanOrEqual(10_000);
    expect(limitTo(plan, byBudget(0, terms)).max_output_tokens).toBe(1_024);
    expect(limitTo(plan, byBudget(1_000_000, terms))).toBe(plan);
  });

  it('is not asked for a count where the tenant has nothing left', () => {
    expect(mayCover(plan, byBudget(0, terms))).toBe(false);
    expect(mayCover(plan, byBudget(1_000, terms))).toBe(true);
  });
});

it('the highest limit is the last that is covered', () => {
  for (const covered of [-1, 0, 5, 10]) {
    const found = highestLimit({ least: 0, most: 10 }, (limit) => limit <= covered);
    expect(found).toBe(covered < 0 ? null : covered);
  }
});
