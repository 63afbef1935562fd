import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CreateExecutionRequest } from '../../../contracts/api/executions.ts';
import type { ReadyCandidate } from '../../../worker/catalog/candidates.ts';
import type { Candidate } from '../../../worker/db/snapshots.ts';
import { type ChatRequest, chatTask, leastOutputTokens } from '../../../worker/executions/chat-task.ts';
import { byBalance, fitTo, limitTo, mayCover } from '../../../worker/executions/fitting.ts';
import { countedPlan, isLimitedByInput, planOf } from '../../../worker/executions/plan.ts';
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
    expect(both.value.worst_case_tokens - cheapOnly.value.worst_case_tokens).toBe((4_096 * 5_000) / 1_000);
  });

  it('leaves out candidates with a lower output limit', () => {
    const plan = planOf(limitedTo(8_000), [ready(), ready({ max_output_tokens: 8_000 })]);
    expect(plan.ok && plan.value.candidates.map(({ max_output_tokens }) => max_output_tokens)).toEqual([
      8_000,
    ]);
  });

  it.each([
    ['the limit of the model', [4_096, 32_000], 4_096],
    ['less where all of it is held', [64_000], 8_192],
    ['no more than each candidate gives that gives a fair answer', [16_000, 1_500, 300], 1_500],
    ['what the largest gives, where none gives more', [300, 500], 500],
  ])('of no named limit has %s', (_, [first = 0, ...others], expected) => {
    const plan = planOf(request, [
      ready({ max_output_tokens: first }),
      ...others.map((max_output_tokens) => ready({ max_output_tokens })),
    ]);
    expect(plan.ok && plan.value.max_output_tokens).toBe(expected);
  });

  it.each([
    ['the tenant’s default', undefined, 2_000, 2_000],
    ['no more than the model gives', undefined, 50_000, 4_096],
    ['the limit that it names, whatever the default', 3_000, 2_000, 3_000],
  ])('of a request has %s', (_, named, default_output_limit, expected) => {
    for (const fit_to_balance of [false, true]) {
      const task = chatTask({ ...hello, max_output_tokens: named }, { fit_to_balance });
      const plan = planOf(task, [ready()], { default_output_limit });
      expect(plan.ok && plan.value.max_output_tokens).toBe(expected);
    }
  });

  const chatThatFits = (max_output_tokens?: number) =>
    chatTask({ ...hello, max_output_tokens }, { fit_to_balance: true });

  it('of a running answer has the limit of the model and holds a first piece of it', () => {
    const plan = planOf(chatThatFits(), [ready({ max_output_tokens: 64_000 })]);
    if (!plan.ok) throw new Error('planned');
    expect(plan.value).toMatchObject({ max_output_tokens: 64_000, held_output_tokens: 1_024 });
    expect(plan.value.worst_case_tokens).toBe(1_024 * 4 + plan.value.candidates[0].input_tokens_bound);
    const limited = limitTo(plan.value, byBalance(50_000));
    expect(limited).toMatchObject({ fitted: true, held_output_tokens: 1_024 });
    expect(limited.max_output_tokens).toBeGreaterThan(12_000);
    expect(limited.max_output_tokens).toBeLessThanOrEqual(12_500);
    expect(limitTo(plan.value, byBalance(300_000))).toBe(plan.value);
  });

  it.each([
    ['thinks without showing it', { provider_model: 'o3' }, true],
    ['is not to be fitted to the balance', {}, false],
  ])('holds the whole limit where a request %s', (_, changes, fit_to_balance) => {
    const task = chatTask({ ...hello, max_output_tokens: 4_000 }, { fit_to_balance });
    const plan = planOf(task, [ready(changes)]);
    expect(plan.ok && plan.value.held_output_tokens).toBe(4_000);
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

describe('a plan of a request with a document', () => {
  const source = { kind: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQK' } as const;
  const withPdf = chatOf({
    ...{ model: 'auto', max_output_tokens: 100 },
    messages: [{ role: 'user', content: [{ type: 'document', source }] }],
  });

  it('holds the context window of the candidate with the largest', () => {
    const plan = planOf(withPdf, [ready(), ready({ context_window_tokens: 300_000 })]);
    expect(plan.ok && plan.value.candidates.map((one) => one.input_tokens_bound)).toEqual([100_000, 300_000]);
    expect(plan.ok && plan.value.worst_case_tokens).toBe(300_000 + 400);
  });

  it('holds the rate of images, as which pages can be counted, and that of images in the answer', () => {
    const wallet_tokens_per_1000 = {
      ...price.wallet_tokens_per_1000,
      input_image: 3_000,
      input_audio: 9_000,
    };
    const worstOf = (task: typeof withPdf, output_image?: number) => {
      const rates = { ...wallet_tokens_per_1000, ...(output_image !== undefined && { output_image }) };
      const plan = planOf(task, [ready({ price: { ...price, wallet_tokens_per_1000: rates } })]);
      if (!plan.ok) throw new Error(plan.failure.code);
      return plan.value;
    };
    expect(worstOf(withPdf).worst_case_tokens).toBe(300_000 + 400);
    expect(worstOf(withPdf, 30_000).worst_case_tokens).toBe(300_000 + 3_000);
    const plain = chatOf({ model: 'auto', prompt: 'Hello', max_output_tokens: 100 });
    const { worst_case_tokens, candidates } = worstOf(plain);
    expect(worst_case_tokens).toBe(candidates[0].input_tokens_bound + 400);
  });

  it('holds the rate of an hour in the cache for a request that asks for it, wherever its mark stands', () => {
    const rates = { ...price.wallet_tokens_per_1000, cache_write_1h: 2_000 };
    const boundOf = (request: Partial<Parameters<typeof chatOf>[0]>) => {
      const task = chatOf({ model: 'auto', max_output_tokens: 100, ...request });
      const plan = planOf(task, [ready({ price: { ...price, wallet_tokens_per_1000: rates } })]);
      if (!plan.ok) throw new Error(plan.failure.code);
      return (plan.value.worst_case_tokens - 400) / plan.value.candidates[0].input_tokens_bound;
    };
    const marked = (ttl: '5m' | '1h') => {
      const cache_control = { type: 'ephemeral' as const, ttl };
      const content = [{ type: 'text' as const, text: 'Hello', cache_control }];
      const tool = { name: 'get_time', parameters: {} };
      return [
        { messages: [{ role: 'user' as const, content }] },
        { prompt: 'Hello', tools: [{ ...tool, cache_control }] },
        {
          messages: [
            { role: 'user' as const, content: 'Hello' },
            {
              role: 'assistant' as const,
              content: '',
              tool_calls: [{ id: 'a', name: 'get_time', arguments: '{}', cache_control }],
            },
            { role: 'tool' as const, tool_call_id: 'a', content: 'Noon' },
          ],
        },
      ];
    };
    expect(marked('1h').map(boundOf)).toEqual([2, 2, 2]);
    expect(marked('5m').map(boundOf)).toEqual([1, 1, 1]);
  });

  it('holds the window and the rate of audio for a recording, and passes over models that take none', () => {
    const content = [
      {
        type: 'audio' as const,
        source: { kind: 'base64' as const, media_type: 'audio/wav' as const, data: 'aGk=' },
      },
    ];
    const heard = chatOf({ model: 'auto', max_output_tokens: 100, messages: [{ role: 'user', content }] });
    const rates = { ...price.wallet_tokens_per_1000, input_audio: 9_000, input_image: 20_000 };
    const plan = planOf(heard, [ready({ price: { ...price, wallet_tokens_per_1000: rates } })]);
    expect(plan.ok && plan.value.worst_case_tokens).toBe(900_000 + 400);
    expect(planOf(heard, [ready({ capabilities: { audio: false } })])).toMatchObject({
      failure: { details: { issues: [{ message: 'This model takes no audio' }] } },
    });
  });

  it('is counted whatever the balance is, since the window says nothing about the least tokens', () => {
    const plan = planOf(withPdf, [ready({ context_window_tokens: 1_000_000 })]);
    expect(plan.ok && mayCover(plan.value, byBalance(500))).toBe(true);
  });

  it('passes over models that take none', () => {
    const without = ready({ capabilities: { documents: false } });
    const plan = planOf(withPdf, [without, ready()]);
    expect(plan.ok && plan.value.candidates).toHaveLength(1);
    expect(planOf(withPdf, [without])).toMatchObject({
      ok: false,
      failure: { details: { issues: [{ rule: 'unsupported', message: 'This model takes no documents' }] } },
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
        const fitted = fitTo(plan, byBalance(available), 16);
        if (fitted === null) return;
        expect(fitted.worst_case_tokens).toBeLessThanOrEqual(available);
        const oneMore = planOf(limitedTo(fitted.max_output_tokens + 1), [ready(), ready({ price: dear })]);
        expect(oneMore.ok && oneMore.value.worst_case_tokens).toBeGreaterThan(available);
        expect(fitted.fitted).toBe(true);
      }),
    );
  });

  it('is refused if the balance covers almost no output', () => {
    expect(fitTo(plan, byBalance(10), 16)).toBeNull();
  });

  it('is refused if the balance covers less than the least output', () => {
    const enough = plan.worst_case_tokens;
    expect(fitTo(plan, byBalance(enough - 1), plan.max_output_tokens)).toBeNull();
    expect(fitTo(plan, byBalance(enough), plan.max_output_tokens)).toMatchObject({
      max_output_tokens: 4_000,
    });
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

describe('a plan whose input is counted', () => {
  const prompt = 'The quick brown fox jumps over the lazy dog. '.repeat(90);
  const BOUND = prompt.length + 112;
  const others = [ready({ provider_model: 'b' }), ready({ provider_model: 'c' })] as const;
  const planWith = (counts: Record<string, number | null>, candidates = [ready({ provider_model: 'a' })]) => {
    const [first = ready(), ...rest] = candidates;
    const task = {
      ...chatTask({ ...chatOfRequest({ model: 'auto', prompt }), max_output_tokens: 100 }),
      countInputTokens: async ({ provider_model }: ReadyCandidate) => counts[provider_model] ?? null,
    };
    const planned = planOf(task, [first, ...rest]);
    if (!planned.ok) throw new Error(planned.failure.code);
    return planned.value;
  };

  it('holds what was counted', async () => {
    const plan = planWith({ a: 1_000 });
    expect(plan.worst_case_tokens).toBe(BOUND + 400);
    expect(await countedPlan(plan)).toMatchObject({ worst_case_tokens: 1_400, max_output_tokens: 100 });
  });

  it('holds the most that any candidate counts, and keeps the bound of one that does not count', async () => {
    const candidates = [ready({ provider_model: 'a' }), ...others];
    const counted = await countedPlan(planWith({ a: 1_000, b: 1_300, c: 900 }, candidates));
    expect(counted.worst_case_tokens).toBe(1_700);
    const partly = await countedPlan(planWith({ a: 1_000, b: null, c: 900 }, candidates));
    expect(partly.worst_case_tokens).toBe(BOUND + 400);
    expect(partly.candidates.map(({ held_input_tokens }) => held_input_tokens)).toEqual([1_000, BOUND, 900]);
  });

  it('never holds more than the bound, and is charged up to the bound', async () => {
    const { candidates } = await countedPlan(planWith({ a: 90_000 }));
    expect(candidates[0]).toMatchObject({ held_input_tokens: BOUND, input_tokens_bound: BOUND });
    const low = await countedPlan(planWith({ a: 1_000 }));
    expect(low.candidates[0].input_tokens_bound).toBe(BOUND);
  });

  it('is counted only if the balance might cover it', () => {
    const plan = planWith({});
    const least = Math.ceil(BOUND / 128) + 400;
    expect(mayCover(plan, byBalance(least))).toBe(true);
    expect(mayCover(plan, byBalance(least - 1))).toBe(false);
  });

  it('is counted after the reservation if its bound leaves little for the output', () => {
    const long = { ...planWith({}), max_output_tokens: 4_000, held_output_tokens: 100 };
    expect(isLimitedByInput(limitTo(long, byBalance(10_000)), 10_000)).toBe(true);
    expect(isLimitedByInput(limitTo(long, byBalance(BOUND * 4)), BOUND * 4)).toBe(true);
    expect(isLimitedByInput(limitTo(long, byBalance(BOUND * 4 + 1)), BOUND * 4 + 1)).toBe(false);
    expect(isLimitedByInput(limitTo(long, byBalance(100_000)), 100_000)).toBe(false);
  });
});
