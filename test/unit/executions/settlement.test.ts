import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadyCandidate } from '../../../worker/catalog/candidates.ts';
import type { Candidate } from '../../../worker/db/snapshots.ts';
import { chatTask } from '../../../worker/executions/chat-task.ts';
import { planOf } from '../../../worker/executions/plan.ts';
import {
  type ExecutionEnd,
  endOfCancelledAttempt,
  estimateOfLeft,
  settlementOf,
} from '../../../worker/executions/settlement.ts';
import { chatOfRequest } from '../../../worker/surfaces/native/request.ts';
import { candidate, price, rates } from './candidate.ts';

const ready = (changes: Partial<Candidate> = {}): ReadyCandidate => ({
  ...candidate(changes),
  price: changes.price ?? price,
  credential: { kind: 'openai', base_url: null, secret: 'k' },
});
const dear = { ...price, wallet_tokens_per_1000: { ...rates, output: 9_000 } };
const request = chatTask(chatOfRequest({ model: 'auto', prompt: 'Hello' }));

describe('a settlement', () => {
  const planned = planOf(request, [ready()]);
  if (!planned.ok) throw new Error('planned');
  const plan = planned.value;
  const start = {
    id: '01900000-0000-7000-8000-00000000000c',
    model: 'auto',
    api_key_id: null,
    input_tokens_bound: plan.candidates[0].input_tokens_bound,
    max_output_tokens: plan.max_output_tokens,
    price_version: 3,
    started_at_ms: 1,
  };
  const usage = {
    input_tokens: 10,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: 5,
    reasoning_tokens: 0,
  };
  const heard = (
    how: 'answered' | 'left',
    reported: typeof usage | null,
    output_tokens = 11,
  ): ExecutionEnd => ({
    how,
    candidate: plan.candidates[0],
    answer: { finish_reason: 'stop', usage: reported },
    estimate: reported === null ? { input_tokens: 9, output_tokens } : null,
    attempts: [],
  });
  const answered = (reported: typeof usage | null) => heard('answered', reported);

  it('tells the time until a streamed answer began, and nothing for one in one piece', () => {
    const ended = answered(usage);
    if (ended.how === 'failed') throw new Error('It has answered');
    const at = (content_began_at_ms: number | null) =>
      settlementOf(start, plan, { ...ended, content_began_at_ms }, 500).outcome;
    expect(at(321).first_token_ms).toBe(320);
    expect(at(0).first_token_ms).toBe(0);
    expect(at(null)).not.toHaveProperty('first_token_ms');
    expect(settlementOf(start, plan, ended, 500).outcome).not.toHaveProperty('first_token_ms');
  });

  it('says that usage is estimated whose report contradicted itself', () => {
    const ended = answered(usage);
    if (ended.how === 'failed') throw new Error('It has answered');
    const corrected = { ...ended, answer: { ...ended.answer, usage_corrected: true } };
    expect(settlementOf(start, plan, corrected, 2)).toMatchObject({
      charge: 10 + 20,
      outcome: { usage, usage_source: 'estimated' },
    });
  });

  it('charges what the provider reported', () => {
    expect(settlementOf(start, plan, answered(usage), 2)).toMatchObject({
      charge: 10 + 20,
      outcome: { status: 'succeeded', usage_source: 'reported', price_version: 3 },
    });
  });

  it('names its price: list, model, version and rates', () => {
    const {
      price_version,
      price: named,
      cost_micro_usd,
    } = settlementOf(start, plan, answered(usage), 2).outcome;
    expect([price_version, named]).toEqual([3, price]);
    expect(cost_micro_usd).toBe(10 * 2 + 5 * 8);
    const failed: ExecutionEnd = { how: 'failed', error_code: 'provider_failed', attempts: [] };
    expect(settlementOf(start, plan, failed, 2).outcome).not.toHaveProperty('price');
  });

  it('uses the price of the candidate that answered, even if another is more expensive', () => {
    const two = planOf(request, [ready({ price: { ...dear, version: 8 } }), ready()]);
    if (!two.ok) throw new Error('planned');
    const [first, second] = two.value.candidates;
    const settle = (candidate: typeof first) =>
      settlementOf(start, two.value, { ...heard('answered', usage), candidate } as ExecutionEnd, 2);
    expect(settle(first)).toMatchObject({ charge: 10 + 45, outcome: { price: { version: 8 } } });
    if (second === undefined) throw new Error('planned both');
    expect(settle(second)).toMatchObject({ charge: 10 + 20, outcome: { price: { version: 3 } } });
  });

  it('charges nothing for an explicit zero', () => {
    const nothing = { ...usage, input_tokens: 0, output_tokens: 0 };
    expect(settlementOf(start, plan, answered(nothing), 2).charge).toBe(0);
  });

  it('charges a marked estimate, never above the reservation, when the report is missing', () => {
    const { charge, outcome } = settlementOf(start, plan, answered(null), 2);
    expect(outcome.usage_source).toBe('estimated');
    expect(charge).toBeGreaterThan(0);
    expect(charge).toBeLessThanOrEqual(plan.worst_case_tokens);
  });

  it.each([
    ['a little', { input_tokens: start.input_tokens_bound, output_tokens: plan.max_output_tokens + 1 }],
    ['more than an amount can say', { output_tokens: 2 ** 49 }],
  ])('never charges more than was reserved, though %s more is reported, and flags it', (_, more) => {
    expect(settlementOf(start, plan, answered({ ...usage, ...more }), 2)).toMatchObject({
      charge: plan.worst_case_tokens,
      outcome: { usage_source: 'clamped' },
    });
  });

  const anyAmount = fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 2 ** 50 }));
  const anyUsage = fc.record({
    input_tokens: anyAmount,
    cache_read_tokens: anyAmount,
    cache_write_tokens: anyAmount,
    output_tokens: anyAmount,
    reasoning_tokens: anyAmount,
  });
  const anyRates = fc.record({
    input: anyAmount,
    cache_read: anyAmount,
    cache_write: anyAmount,
    output: anyAmount,
  });

  it('books the cost within its bounds, whatever is reported, and flags a report above them', () => {
    fc.assert(
      fc.property(fc.option(anyUsage), anyRates, fc.boolean(), (reported, micro_usd_per_million, isLeft) => {
        const candidate = { ...plan.candidates[0], price: { ...price, micro_usd_per_million } };
        const ended = { ...heard(isLeft ? 'left' : 'answered', reported), candidate } as ExecutionEnd;
        const { cost_micro_usd, usage_source, usage: booked } = settlementOf(start, plan, ended, 2).outcome;
        const { input, cache_read, cache_write, output } = micro_usd_per_million;
        const perMillion = (tokens: number, rate: number) => BigInt(tokens) * BigInt(rate);
        const upToMicro = (sum: bigint) => {
          const whole = (sum + 999_999n) / 1_000_000n;
          return Math.min(Number(whole), 2 ** 50);
        };
        const most = upToMicro(
          perMillion(candidate.input_tokens_bound, Math.max(input, cache_read, cache_write)) +
            perMillion(plan.max_output_tokens, output),
        );
        if (booked === null) throw new Error('something was used');
        const said = upToMicro(
          perMillion(booked.input_tokens, input) +
            perMillion(booked.cache_read_tokens, cache_read) +
            perMillion(booked.cache_write_tokens, cache_write) +
            perMillion(booked.output_tokens, output),
        );
        expect(cost_micro_usd).toBeGreaterThanOrEqual(0);
        expect(cost_micro_usd).toBe(Math.min(said, most));
        if (said > most) expect(usage_source).toBe('clamped');
        if (reported === null) expect(usage_source).toBe('estimated');
      }),
    );
  });

  it('flags a cost above its bound, even if the charge is below the reservation', () => {
    const both = planOf(request, [
      ready(),
      ready({ price: { ...dear, wallet_tokens_per_1000: { ...rates, output: 90_000 } } }),
    ]);
    if (!both.ok) throw new Error('planned');
    const reported = { ...usage, output_tokens: both.value.max_output_tokens * 3 };
    const ended = { ...heard('answered', reported), candidate: both.value.candidates[0] } as ExecutionEnd;
    const { charge, outcome } = settlementOf(start, both.value, ended, 2);
    expect(charge).toBeLessThan(both.value.worst_case_tokens);
    const { input_tokens_bound } = both.value.candidates[0];
    expect(outcome).toMatchObject({
      usage_source: 'clamped',
      cost_micro_usd: input_tokens_bound * 3 + both.value.max_output_tokens * 8,
    });
  });

  it('of an abandoned answer charges a marked estimate of the output by then, never above the reservation', () => {
    const early = settlementOf(start, plan, heard('left', null, 10), 2);
    const late = settlementOf(start, plan, heard('left', null, 500), 2);
    expect(early.outcome).toMatchObject({
      status: 'cancelled',
      usage_source: 'estimated',
      error_code: 'client_left',
    });
    expect(late.charge - early.charge).toBe((490 * 4_000) / 1_000);
    const endless = settlementOf(start, plan, heard('left', null, 10_000_000), 2);
    expect(endless.outcome.usage?.output_tokens).toBe(plan.max_output_tokens);
    expect(endless.charge).toBeLessThanOrEqual(plan.worst_case_tokens);
    expect(endless.outcome.usage_source).toBe('estimated');
  });

  it('charges the input that the provider told, where the rest is an estimate', () => {
    const end = heard('left', null, 10);
    if (end.how === 'failed') throw new Error('left');
    const input_told = { ...usage, input_tokens: 3, cache_read_tokens: 2, output_tokens: 1 };
    const told = { ...end, answer: { ...end.answer, input_told } };
    expect(settlementOf(start, plan, told, 2).outcome).toMatchObject({
      usage: { ...usage, input_tokens: 3, cache_read_tokens: 2, output_tokens: 10, reasoning_tokens: 0 },
      usage_source: 'estimated',
    });
  });

  it('of an execution abandoned before any output charges the input of the attempt that ran', () => {
    const used = (output_bytes: number | null) => {
      const cancelled_attempt = { candidate: plan.candidates[0], output_bytes };
      const left = endOfCancelledAttempt({ cancelled_attempt, attempts: [] }, plan);
      return left && settlementOf(start, plan, left, 2).outcome.usage;
    };
    expect(used(0)).toMatchObject({ input_tokens: 5, output_tokens: 0 });
    expect(used(7), 'and what it thought').toMatchObject({ input_tokens: 5, output_tokens: 3 });
    expect(used(null), 'which may be all, where nobody knows').toMatchObject({
      output_tokens: plan.max_output_tokens,
    });
    expect(
      endOfCancelledAttempt({ cancelled_attempt: null, attempts: [] }, plan),
      'no provider was called',
    ).toBeNull();
  });

  describe('of a model that thinks unseen, left by its client,', () => {
    const thinker = planOf(request, [ready({ provider_model: 'o3' })]);
    if (!thinker.ok) throw new Error('planned');
    const [thinking] = thinker.value.candidates;
    const ran = (latency_ms: number) => [
      {
        ...{ provider_kind: 'openai' as const, provider_name: 'OpenAI', provider_model: 'o3' },
        ...{ started_at_ms: 1_000, latency_ms, failure: null },
      },
    ];
    const left = (latency_ms: number, at = thinker.value, output_bytes: number | null = 0) => {
      const cancelled_attempt = { candidate: at.candidates[0], output_bytes };
      const end = endOfCancelledAttempt({ cancelled_attempt, attempts: ran(latency_ms) }, at);
      return end && settlementOf(start, at, end, 2);
    };

    it('charges 50 tokens for each second of silence after the second one, marked as an estimate', () => {
      expect(left(22_000)?.outcome).toMatchObject({
        usage: { input_tokens: 5, output_tokens: 1_000, reasoning_tokens: 1_000 },
        usage_source: 'estimated',
      });
      expect(left(2_000)?.outcome.usage).toMatchObject({ output_tokens: 0, reasoning_tokens: 0 });
    });

    it('never charges more than the output limit and the hold', () => {
      const long = left(10_000_000);
      expect(long?.outcome.usage?.output_tokens).toBe(thinker.value.max_output_tokens);
      expect(long?.charge).toBeLessThanOrEqual(thinker.value.worst_case_tokens);
      expect(long?.outcome.usage_source).toBe('estimated');
    });

    it('charges silence as input alone where the model shows what it thinks', () => {
      expect(left(22_000, plan)?.outcome.usage).toMatchObject({ output_tokens: 0, reasoning_tokens: 0 });
    });

    it('charges the thoughts before the answer and the answer, and a summary of the thoughts not beside them', () => {
      const { task } = thinker.value;
      const answer = { ...task.empty, text: 'Hello there.' };
      const said = { candidate: thinking, answer, attempts: ran(60_000) };
      const estimate = estimateOfLeft(thinker.value, said, 1_000 + 12_000);
      expect(estimate.hidden_tokens).toBe(500);
      expect(estimate.output_tokens).toBe(500 + task.estimateOutputTokens(answer));
      const summary = { ...answer, reasoning: [{ text: 'I think about it. '.repeat(10) }] };
      const summed = estimateOfLeft(thinker.value, { ...said, answer: summary }, 13_000);
      expect(summed.output_tokens).toBe(estimate.output_tokens);
    });
  });

  it('charges nothing if no provider answered, or the answer broke off', () => {
    const failed: ExecutionEnd = { how: 'failed', error_code: 'provider_failed', attempts: [] };
    expect(settlementOf(start, plan, failed, 2)).toMatchObject({
      charge: 0,
      outcome: { status: 'failed', error_code: 'provider_failed', cost_micro_usd: 0 },
    });
  });
});
