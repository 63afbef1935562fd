import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CreateExecutionRequest } from '../../../contracts/api/executions.ts';
import type { ReadyCandidate } from '../../../worker/catalog/candidates.ts';
import type { Candidate } from '../../../worker/db/snapshots.ts';
import { type ChatRequest, chatTask, leastOutputTokens } from '../../../worker/executions/chat-task.ts';
import { fitToBalance, planOf } from '../../../worker/executions/plan.ts';
import { chatOfRequest } from '../../../worker/surfaces/native/request.ts';
import { candidate, price, rates } from './candidate.ts';

const ready = (changes: Partial<Candidate> = {}): ReadyCandidate => ({
  ...candidate(changes),
  price: changes.price ?? price,
  credential: { kind: 'openai', base_url: null, secret: 'k' },
});
const dear = { ...price, wallet_tokens_per_1000: { ...rates, output: 9_000 } };
const chatOf = (request: CreateExecutionRequest) => chatTask(chatOfRequest(request));
const hello: ChatRequest = chatOfRequest({ model: 'auto', prompt: 'Hello' });
const request = chatTask(hello);
const limitedTo = (max_output_tokens: number) => chatTask({ ...hello, max_output_tokens });

describe('a plan', () => {
  it('covers the most expensive candidate, since any of them may answer', () => {
    const cheapOnly = planOf(request, [ready()]);
    const both = planOf(request, [ready(), ready({ price: dear })]);
    if (!cheapOnly.ok || !both.ok) throw new Error('planned');
    expect(both.value.worst_case_tokens - cheapOnly.value.worst_case_tokens).toBe((2_048 * 5_000) / 1_000);
  });

  it('leaves out candidates with a lower output limit', () => {
    const plan = planOf(limitedTo(8_000), [ready(), ready({ max_output_tokens: 8_000 })]);
    expect(plan.ok && plan.value.candidates.map(({ max_output_tokens }) => max_output_tokens)).toEqual([
      8_000,
    ]);
  });

  it.each([
    ['as much as most answers need', [4_096, 32_000], 2_048],
    ['no more than each candidate gives that gives a fair answer', [16_000, 1_500, 300], 1_500],
    ['what the largest gives, where none gives more', [300, 500], 500],
  ])('of no named limit has %s', (_, [first = 0, ...others], expected) => {
    const plan = planOf(request, [
      ready({ max_output_tokens: first }),
      ...others.map((max_output_tokens) => ready({ max_output_tokens })),
    ]);
    expect(plan.ok && plan.value.max_output_tokens).toBe(expected);
  });

  it('of more output than any candidate allows is refused, with the limit', () => {
    expect(planOf(limitedTo(4_097), [ready()])).toMatchObject({
      ok: false,
      failure: {
        code: 'invalid_request',
        details: { issues: [{ field: 'max_output_tokens', message: expect.stringContaining('4096') }] },
      },
    });
  });

  it('reserves at least one token, even if the price is zero', () => {
    const free = { ...price, wallet_tokens_per_1000: { input: 0, cache_read: 0, cache_write: 0, output: 0 } };
    const plan = planOf(request, [ready({ price: free })]);
    expect(plan.ok && plan.value.worst_case_tokens).toBe(1);
  });
});

describe('a plan with a feature that some providers lack', () => {
  const gif = { kind: 'base64', media_type: 'image/gif', data: 'R0lGODlhAQABAAAAACw=' } as const;
  const withGif = chatOf({
    model: 'auto',
    messages: [{ role: 'user', content: [{ type: 'image', source: gif }] }],
  });
  const google = ready({ provider: { ...ready().provider, kind: 'google' } });

  it('goes to the candidates that can', () => {
    const plan = planOf(withGif, [google, ready()]);
    expect(plan.ok && plan.value.candidates.map(({ provider }) => provider.kind)).toEqual(['openai']);
  });

  it('is refused with a message if none can', () => {
    expect(planOf(withGif, [google])).toMatchObject({
      ok: false,
      failure: {
        code: 'invalid_request',
        details: { issues: [{ rule: 'unsupported', message: 'This model takes no GIF' }] },
      },
    });
  });
});

describe('a plan with a feature that a model lacks but its provider has', () => {
  const tools = [{ name: 'look_up', parameters: { type: 'object' } }];
  const withTools = chatOf({ model: 'auto', prompt: 'Hello', tools });
  const without = (capabilities: Candidate['capabilities']) => ready({ capabilities });

  it('goes to the candidates that can, and to those whose capabilities are unknown', () => {
    const said = [without({ tools: false }), without({ tools: true }), without({ images: false })] as const;
    const plan = planOf(withTools, [...said]);
    expect(plan.ok && plan.value.candidates.map(({ capabilities }) => capabilities)).toEqual([
      { tools: true },
      { images: false },
    ]);
    expect(planOf(request, [without({ tools: false })]).ok).toBe(true);
  });

  it('is refused with a message if none can', () => {
    expect(planOf(withTools, [without({ tools: false })])).toMatchObject({
      ok: false,
      failure: { details: { issues: [{ rule: 'unsupported', message: 'This model takes no tools' }] } },
    });
  });
});

describe('a plan fitted to a balance', () => {
  const planned = planOf(limitedTo(4_000), [ready(), ready({ price: dear })]);
  if (!planned.ok) throw new Error('planned');
  const plan = planned.value;

  it('has the highest output limit that the balance covers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: plan.worst_case_tokens - 1 }), (available) => {
        const fitted = fitToBalance(plan, available, 16);
        if (fitted === null) return;
        expect(fitted.worst_case_tokens).toBeLessThanOrEqual(available);
        const oneMore = planOf(limitedTo(fitted.max_output_tokens + 1), [ready(), ready({ price: dear })]);
        expect(oneMore.ok && oneMore.value.worst_case_tokens).toBeGreaterThan(available);
        expect(fitted.fitted).toBe(true);
      }),
    );
  });

  it('is refused if the balance covers almost no output', () => {
    expect(fitToBalance(plan, 10, 16)).toBeNull();
  });

  it('is refused if the balance covers less than the least output', () => {
    const enough = plan.worst_case_tokens;
    expect(fitToBalance(plan, enough - 1, plan.max_output_tokens)).toBeNull();
    expect(fitToBalance(plan, enough, plan.max_output_tokens)).toMatchObject({ max_output_tokens: 4_000 });
  });

  it.each([
    ['names none', undefined, false, 1_024],
    ['names one', 4_000, false, 4_000],
    ['is to fit the balance', 4_000, true, 16],
    ['names none and is to fit the balance', undefined, true, 16],
  ])(
    'has a least output limit, which depends on whether a request %s',
    (_, max_output_tokens, fits, least) => {
      expect(leastOutputTokens(max_output_tokens, fits)).toBe(least);
    },
  );
});
