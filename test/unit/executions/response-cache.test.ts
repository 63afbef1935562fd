import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResponseCache } from '../../../contracts/tenants/response-cache.ts';
import { executionOutcome } from '../../../contracts/wallet/journal.ts';
import type { ReadyCandidate } from '../../../worker/catalog/candidates.ts';
import type { Candidate } from '../../../worker/db/snapshots.ts';
import { type ChatRequest, chatTask } from '../../../worker/executions/chat-task.ts';
import { embeddingTask } from '../../../worker/executions/embedding-task.ts';
import { type Plan, planOf } from '../../../worker/executions/plan.ts';
import { hitOf } from '../../../worker/executions/response-cache/hit.ts';
import {
  addressOf,
  isKept,
  type KeptAnswer,
  readStored,
  storedText,
} from '../../../worker/executions/response-cache/kept-answer.ts';
import { settlementOf } from '../../../worker/executions/settlement.ts';
import type { TaskTypes } from '../../../worker/executions/task.ts';
import type { Completion } from '../../../worker/providers/provider.ts';
import { candidate, price, wholesaleHold } from './candidate.ts';

const me = { tenant_id: crypto.randomUUID(), user_id: crypto.randomUUID() };
const NOW_MS = Date.UTC(2040, 0, 1);
const { terms } = wholesaleHold(0);
const half: ResponseCache = { ttl_s: 600, scope: 'user', price_percent: 50 };

const ready = (
  changes: Partial<Candidate> = {},
  provider: Partial<Candidate['provider']> = {},
): ReadyCandidate => ({
  ...candidate(changes, provider),
  price: changes.price ?? price,
  credential: { kind: 'openai', base_url: null, secret: 'k' },
});
const other = ready({ provider_model: 'another' }, { id: crypto.randomUUID() });

const said = (text: string) => ({ role: 'user' as const, content: [{ type: 'text' as const, text }] });
const hello: ChatRequest = { model: 'auto', max_output_tokens: 500, chat: { messages: [said('Hello')] } };

function planned(
  request: ChatRequest = hello,
  candidates: [ReadyCandidate, ...ReadyCandidate[]] = [ready()],
) {
  const plan = planOf(chatTask(request), candidates);
  if (!plan.ok) throw new Error(plan.failure.code);
  return plan.value;
}

function cacheOf<T extends TaskTypes>({ task }: Plan<T>) {
  if (!task.cache) throw new Error('Its answers are not kept');
  return task.cache;
}

const hashOf = (plan = planned(), wallet: typeof me = me, scope: ResponseCache['scope'] = 'user'): string =>
  addressOf(wallet, scope, plan, cacheOf(plan)).hash;

const usage = {
  ...{ input_tokens: 10, cache_read_tokens: 0, cache_write_tokens: 0 },
  ...{ output_tokens: 5, reasoning_tokens: 0 },
};
const completion: Completion = { text: 'Good day', tool_calls: [], finish_reason: 'stop', usage };

/** Stores an answer at its address, as changed by `change`, and reads it again. */
function storedAndRead(
  change: (kept: KeptAnswer) => object = (kept) => kept,
  { ttl_s = half.ttl_s, now_ms = NOW_MS } = {},
) {
  const plan = planned();
  const address = addressOf(me, 'user', plan, cacheOf(plan));
  const text = storedText(address, {
    ...{ execution_id: crypto.randomUUID(), kept_at_ms: NOW_MS, ttl_s: half.ttl_s },
    ...{ candidate: plan.candidates[0], answer: completion },
  });
  if (text === null) throw new Error('It is too long');
  return readStored(JSON.stringify(change(JSON.parse(text))), address, { ttl_s, now_ms });
}

describe('two requests', () => {
  it('are equal if they say the same, in whatever order of fields and of candidates', () => {
    const chat = { temperature: 0.5, messages: [said('Hello')] };
    const turned = { messages: [said('Hello')], temperature: 0.5 };
    expect(hashOf(planned({ ...hello, chat }))).toBe(hashOf(planned({ ...hello, chat: turned })));
    expect(hashOf(planned(hello, [ready(), other]))).toBe(hashOf(planned(hello, [other, ready()])));
    expect(hashOf(planned(hello, [ready({}, { api_key_version: 2 })]))).toBe(hashOf());
  });

  it.each<[string, ReturnType<typeof planned>]>([
    ['text', planned({ ...hello, chat: { messages: [said('Hello!')] } })],
    ['temperature', planned({ ...hello, chat: { ...hello.chat, temperature: 0 } })],
    ['output limit', planned({ ...hello, max_output_tokens: 501 })],
    ['end user', planned({ ...hello, chat: { ...hello.chat, extra: { user: 'another' } } })],
    ['metadata', planned({ ...hello, chat: { ...hello.chat, metadata: { trace: '2' } } })],
    ['candidates', planned(hello, [ready(), other])],
    ['public name', planned(hello, [ready({ public_name: 'other' })])],
    ['address of the provider', planned(hello, [ready({}, { base_url: 'https://a.example' })])],
    [
      'settings of the provider',
      planned(hello, [
        ready({}, { settings: { ...ready().provider.settings, allow_parameters: ['temperature'] } }),
      ]),
    ],
  ])('are not equal with another %s', (_, plan) => expect(hashOf(plan)).not.toBe(hashOf()));

  it('of two users are equal only if the scope is the tenant, and those of two tenants never', () => {
    const colleague = { ...me, user_id: crypto.randomUUID() };
    const stranger = { ...me, tenant_id: crypto.randomUUID() };
    expect(hashOf(planned(), colleague)).not.toBe(hashOf());
    expect(hashOf(planned(), colleague, 'tenant')).toBe(hashOf(planned(), me, 'tenant'));
    expect(hashOf(planned(), me, 'tenant')).not.toBe(hashOf());
    for (const scope of ['user', 'tenant'] as const)
      expect(hashOf(planned(), stranger, scope)).not.toBe(hashOf(planned(), me, scope));
  });

  it('with something at an address have no kept answer', () => {
    const image = (url: string) => ({
      role: 'user' as const,
      content: [{ type: 'image' as const, source: { kind: 'url' as const, url } }],
    });
    expect(chatTask({ ...hello, chat: { messages: [image('https://a.example/i.png')] } }).cache).toBeNull();
  });
});

describe('an answer', () => {
  const outcome = executionOutcome.parse({
    ...{ id: crypto.randomUUID(), status: 'succeeded', provider_name: 'a', provider_model: 'b' },
    ...{ finish_reason: 'stop', usage, usage_source: 'reported', price_version: 1, cost_micro_usd: 1 },
    ...{ attempts: [], error_code: null, finished_at_ms: 1 },
  });
  const cache = cacheOf(planned());

  it('is kept if it ended by itself', () => {
    const calls: Completion = {
      ...{ ...completion, text: '', finish_reason: 'tool_calls' },
      tool_calls: [{ id: 'c', name: 'look', arguments: '{}' }],
    };
    expect(isKept(cache, completion, outcome)).toBe(true);
    expect(isKept(cache, calls, outcome)).toBe(true);
  });

  it.each<[string, object, object]>([
    ['reached its limit', { finish_reason: 'length' }, {}],
    ['was filtered', { finish_reason: 'content_filter' }, {}],
    ['is empty', { text: '' }, {}],
    ['was paused', { stop_cause: 'pause' }, {}],
    ['is a refusal', { refusal: { category: null, explanation: null } }, {}],
    ['was left', {}, { status: 'cancelled' }],
    ['has estimated usage', {}, { usage_source: 'estimated' }],
    ['has clamped usage', {}, { usage_source: 'clamped' }],
    ['was kept before', {}, { response_cache: { result: 'hit', price_percent: 50 } }],
  ])('that %s is not kept', (_, answer, ended) =>
    expect(isKept(cache, { ...completion, ...answer }, { ...outcome, ...ended })).toBe(false),
  );

  it('of more than a mebibyte is not kept', () => {
    const plan = planned();
    const text = (length: number) =>
      storedText(addressOf(me, 'user', plan, cacheOf(plan)), {
        ...{ execution_id: crypto.randomUUID(), kept_at_ms: NOW_MS, ttl_s: 60 },
        ...{ candidate: plan.candidates[0], answer: { ...completion, text: 'é'.repeat(length) } },
      });
    expect(text(500_000)).not.toBeNull();
    expect(text(530_000)).toBeNull();
  });
});

describe('what is stored', () => {
  it('is read again until its time is over, or that of a shorter setting', () => {
    const isReadAfter = (seconds: number, ttl_s = half.ttl_s) =>
      storedAndRead(undefined, { ttl_s, now_ms: NOW_MS + seconds * 1_000 }) !== null;
    expect([0, 599, 600].map((seconds) => isReadAfter(seconds))).toEqual([true, true, false]);
    expect([isReadAfter(59, 60), isReadAfter(60, 60)]).toEqual([true, false]);
    expect([isReadAfter(599, 86_400), isReadAfter(600, 86_400)]).toEqual([true, false]);
  });

  it.each<[string, object]>([
    ['another tenant', { tenant_id: crypto.randomUUID() }],
    ['another user', { owner: crypto.randomUUID() }],
    ['everybody', { owner: 'shared' }],
    ['another request', { hash: 'a'.repeat(64) }],
    ['another version', { version: 2 }],
    ['a time to come', { kept_at_ms: NOW_MS + 3_600_000 }],
    ['no time', { kept_at_ms: undefined }],
    ['no limit of its time', { ttl_s: 10 ** 9 }],
  ])('is not read if it is of %s', (_, change) =>
    expect(storedAndRead((kept) => ({ ...kept, ...change }))).toBeNull(),
  );

  it('is not read if it is no JSON', () => {
    const plan = planned();
    const address = addressOf(me, 'user', plan, cacheOf(plan));
    expect(readStored('{"version": 1', address, { ttl_s: 60, now_ms: NOW_MS })).toBeNull();
  });
});

describe('a hit', () => {
  const kept = (change: (kept: KeptAnswer) => object = (same) => same) => {
    const read = storedAndRead(change);
    if (read === null) throw new Error('It is not read');
    return read;
  };
  const withAnswer = (answer: object) => kept((same) => ({ ...same, answer }));

  it('says what the answer said, in the same order', () => {
    const answer: Completion = {
      ...completion,
      tool_calls: [{ id: 'c', name: 'look', arguments: '{"a":1}', extra_content: { sign: 'x' } }],
      ...{ finish_reason: 'tool_calls', stop_sequence: 'END' },
      reasoning: [{ text: 'Hm', signature: 's' }, { text: 'So' }],
      reasoning_details: [{ type: 'reasoning.text', text: 'Hm', index: 0 }],
      order: [
        { type: 'reasoning' },
        { type: 'tool_call' },
        { type: 'reasoning' },
        { type: 'text', length: 8 },
      ],
    };
    const plan = planned();
    const hit = hitOf(plan, withAnswer(answer), half, terms);
    const heard = cacheOf(plan)
      .eventsOf(hit?.answer ?? completion)
      .reduce((so_far, event) => plan.task.append(so_far, event), plan.task.empty);
    const { input_told: _told, ...words } = heard;
    expect(words).toEqual(answer);
  });

  it('of an embedding has its vectors in their order', () => {
    const request = { model: 'e', input: { of: 'texts' as const, items: ['a', 'b'] }, dimensions: 2 };
    const task = embeddingTask(request);
    const plan = planOf(task, [ready({ kind: 'embedding', max_output_tokens: 0 })]);
    if (!plan.ok) throw new Error(plan.failure.code);
    const answer = { vectors: ['AAAA', 'BBBB'], finish_reason: null, usage };
    const { parse, eventsOf } = cacheOf(plan.value);
    expect(parse({ ...answer, vectors: [] })).toBeNull();
    const heard = eventsOf(parse(answer) ?? task.empty).reduce(task.append, task.empty);
    expect(heard).toEqual(answer);
    const shorter = embeddingTask({ ...request, dimensions: 1 });
    expect(shorter.cache?.input).not.toEqual(task.cache?.input);
  });

  it('holds a percentage of the price of now, and only the fee of the budget', () => {
    const raised = {
      ...price,
      version: 9,
      wallet_tokens_per_1000: { ...price.wallet_tokens_per_1000, output: 7_001 },
    };
    const plan = planned(hello, [ready({ price: raised })]);
    const fee = { ...terms, own_key_fee_micro_usd: 8 };
    expect(hitOf(plan, kept(), half, fee)?.totals).toEqual({
      amount: Math.ceil((10 + 35.005) / 2),
      wholesale: 0,
    });
    const own = { tenant_id: me.tenant_id, api_key_ciphertext: 'c' };
    const owned = planned(hello, [ready({}, own)]);
    const ofTenant = kept((same) => ({
      ...same,
      model: { ...same.model, provider_tenant_id: me.tenant_id },
    }));
    expect(hitOf(owned, ofTenant, half, fee)?.totals).toEqual({ amount: 15, wholesale: 8 });
  });

  it('is none if its model is no candidate any more, its form is another, or it used more than is possible', () => {
    expect(hitOf(planned(), kept(), half, terms)).not.toBeNull();
    expect(hitOf(planned(hello, [other]), kept(), half, terms)).toBeNull();
    expect(hitOf(planned(), withAnswer({ ...completion, finish_reason: 'length' }), half, terms)).toBeNull();
    expect(hitOf(planned(), withAnswer({ ...completion, usage: null }), half, terms)).toBeNull();
    expect(hitOf(planned(), withAnswer({ text: 'Good day' }), half, terms)).toBeNull();
    const much = { ...usage, output_tokens: 1_000_000 };
    expect(hitOf(planned(), withAnswer({ ...completion, usage: much }), half, terms)).toBeNull();
  });

  const anyPercent = fc.integer({ min: 0, max: 100 });
  const anyTokens = fc.integer({ min: 0, max: 500 });

  it('costs a percentage of the price, rounded up once, and no provider anything', () => {
    fc.assert(
      fc.property(anyPercent, anyTokens, anyTokens, (price_percent, input_tokens, output_tokens) => {
        const plan = planned({ ...hello, chat: { messages: [said('x'.repeat(500))] } });
        const [first] = plan.candidates;
        const answer = { ...completion, usage: { ...usage, input_tokens, output_tokens } };
        const record = { result: 'hit' as const, price_percent };
        const received = { candidate: first, answer, estimate: null, attempts: [], hit: record };
        const held = { ...plan, wholesale: wholesaleHold(1_000_000) };
        const { charge, outcome } = settlementOf(
          { id: crypto.randomUUID() },
          held,
          { how: 'answered', ...received },
          2,
        );
        expect(charge).toBe(Math.ceil(((input_tokens + 4 * output_tokens) * price_percent) / 100));
        expect(outcome).toMatchObject({
          ...{ status: 'succeeded', usage_source: 'reported', response_cache: record, price },
          ...{ cost_micro_usd: 0, wholesale_micro_usd: 0, attempts: [] },
        });
      }),
    );
  });

  it('is never charged more than is held', () => {
    const plan = planned();
    const hit = { result: 'hit' as const, price_percent: 100 };
    const received = { candidate: plan.candidates[0], answer: completion, estimate: null, attempts: [], hit };
    const { charge } = settlementOf(
      { id: crypto.randomUUID() },
      { ...plan, worst_case_tokens: 7 },
      { how: 'answered', ...received },
      2,
    );
    expect(charge).toBe(7);
  });
});

it('the outcome of an execution that a provider answered has no field for the cache, so that its hash stays', () => {
  const plan = planned();
  const received = { candidate: plan.candidates[0], answer: completion, estimate: null, attempts: [] };
  const { outcome } = settlementOf(
    { id: crypto.randomUUID() },
    plan,
    { how: 'answered', ...received, hit: undefined },
    2,
  );
  expect(outcome).not.toHaveProperty('response_cache');
});
