import { describe, expect, it, vi } from 'vitest';
import type { Result } from '../../../contracts/result.ts';
import type { ExtendCommand, SettleCommand } from '../../../durable-objects/wallet/commands.ts';
import type { ReadyCandidate } from '../../../worker/catalog/candidates.ts';
import type { ReservedExecution } from '../../../worker/executions/begin.ts';
import { type Chat, chatTask } from '../../../worker/executions/chat-task.ts';
import { planOf } from '../../../worker/executions/plan.ts';
import { ExecutionRun } from '../../../worker/executions/run.ts';
import { wholesaleBound } from '../../../worker/executions/wholesale.ts';
import type { TaskEvent } from '../../../worker/providers/failover/task-stream.ts';
import type { Dependencies } from '../../../worker/runtime/dependencies.ts';
import { chatOfRequest } from '../../../worker/surfaces/native/request.ts';
import { candidate, price, wholesaleHold } from './candidate.ts';

const ready: ReadyCandidate = {
  ...candidate({ max_output_tokens: 64_000 }),
  price,
  credential: { kind: 'openai', base_url: null, secret: 'k' },
};
const none = { cache_read_tokens: 0, cache_write_tokens: 0, reasoning_tokens: 0 };
const usageOf = (output_tokens: number) => ({ ...none, input_tokens: 6, output_tokens });

/** Words of one token each, then the end with this usage. `onWord` is called before each word. */
async function* words(
  count: number,
  reported: number,
  onWord: (index: number) => void = () => undefined,
): AsyncGenerator<TaskEvent<Chat['piece']>> {
  for (let index = 0; index < count; index += 1) {
    onWord(index);
    yield { type: 'text', text: ' word' };
  }
  yield { type: 'done', finish_reason: 'stop', usage: usageOf(reported) };
}

/** Runs a chat against a wallet with so many free tokens beside the hold. Records the wallet's commands. */
async function run(
  events: AsyncIterable<TaskEvent<Chat['piece']>>,
  {
    free,
    delivery = 'whole',
    prompt = 'Hello',
    fit_to_balance = true,
    budget = 1_000_000_000,
    wallet_tokens_per_1000 = price.wallet_tokens_per_1000,
  }: {
    free: number;
    delivery?: 'whole' | 'live';
    prompt?: string;
    fit_to_balance?: boolean;
    /** Micro-USD that the tenant has left. */
    budget?: number;
    wallet_tokens_per_1000?: typeof price.wallet_tokens_per_1000;
  },
) {
  const task = chatTask(chatOfRequest({ model: 'auto', prompt }), { fit_to_balance });
  const priced = { ...ready, price: { ...price, wallet_tokens_per_1000 } };
  const planned = planOf({ ...task, call: async () => ({ ok: true, events }) }, [priced]);
  if (!planned.ok) throw new Error(planned.failure.code);
  const plan = planned.value;
  let held = plan.worst_case_tokens;
  const most = held + free;
  const wholesale = wholesaleHold(
    wholesaleBound(plan.candidates, plan.held_output_tokens, wholesaleHold(0).terms),
  );
  let sold = wholesale.held;
  const wallet = {
    extend: vi.fn(async ({ amount = 0, lowers_from, wholesale }: Omit<ExtendCommand, 'wallet'>) => {
      const isSold = (wholesale?.amount ?? 0) <= budget;
      if (!isSold) return { ok: true, expires_at_ms: Date.now() + 60_000, reserved: held, wholesale: sold };
      sold = Math.max(sold, wholesale?.amount ?? 0);
      held = lowers_from === held ? amount : Math.max(held, Math.min(amount, most));
      return { ok: true, expires_at_ms: Date.now() + 60_000, reserved: held, wholesale: sold };
    }),
    settle: vi.fn(async ({ amount, outcome }: SettleCommand) => {
      expect(amount).toBeLessThanOrEqual(held);
      expect(outcome.wholesale_micro_usd).toBeLessThanOrEqual(sold);
      return { ok: true, thresholds_crossed: [], view: { available: most - amount, warning: null } };
    }),
  };
  const deps = {
    wallets: { getByName: () => wallet },
    log: { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() },
    waitUntil: () => undefined,
  } as unknown as Dependencies;
  const user_id = crypto.randomUUID();
  const execution: ReservedExecution<Chat> = {
    start: {
      ...{ id: crypto.randomUUID(), model: 'auto', api_key_id: null, price_version: 1 },
      ...{ input_tokens_bound: 100, max_output_tokens: plan.max_output_tokens, started_at_ms: Date.now() },
    },
    ...{
      plan,
      wallet: { tenant_id: crypto.randomUUID(), user_id },
      user_id,
      key_window: null,
      conversation: null,
      cache: null,
    },
    ...{ shortfall: 0, free_tokens: free, wholesale },
    ...{ expires_at_ms: Date.now() + 60_000, keeps_answer: false, stores_contents: false },
  };
  const clientGone = new AbortController().signal;
  const executed = await new ExecutionRun(deps, execution, { clientGone, delivery }).collect();
  return { response: successOf(executed).response, wallet, first: plan.worst_case_tokens, most };
}

function successOf<Value>(result: Result<Value, { code: string }>): Value {
  if (!result.ok) throw new Error(result.failure.code);
  return result.value;
}

describe.each(['whole', 'live'] as const)('the hold of an answer that is delivered %s', (delivery) => {
  it('is not raised for a short answer', async () => {
    const { response, wallet } = await run(words(400, 400), { free: 100_000, delivery });
    expect(wallet.extend).not.toHaveBeenCalled();
    expect(response).toMatchObject({ finish_reason: 'stop', tokens_charged: 6 + 1_600 });
  });

  it('grows ahead of a long answer, in a few pieces', async () => {
    const { response, wallet } = await run(words(20_000, 20_000), { free: 1_000_000, delivery });
    expect(response).toMatchObject({ finish_reason: 'stop', tokens_charged: 6 + 80_000 });
    expect(wallet.extend.mock.calls.length).toBeLessThanOrEqual(7);
  });

  it('that cannot grow ends the answer, which costs what was said and no more than is there', async () => {
    let said = 0;
    const long = words(20_000, 20_000, (index) => {
      said = index + 1;
    });
    const { response, most } = await run(long, { free: 8_000, delivery });
    expect(response).toMatchObject({ finish_reason: 'length', usage_source: 'estimated' });
    expect(response.tokens_charged).toBeLessThanOrEqual(most);
    expect(response.tokens_charged).toBeGreaterThan(most * 0.95);
    expect(said).toBeLessThan(3_200);
  });

  it('is raised to the charge where the provider reports more than was seen', async () => {
    const { response, first } = await run(words(10, 3_000), { free: 100_000, delivery });
    expect(response).toMatchObject({ tokens_charged: 6 + 12_000, usage_source: 'reported' });
    expect(response.tokens_charged).toBeGreaterThan(first);
    expect(response.tokens_reserved).toBeGreaterThanOrEqual(response.tokens_charged);
  });

  it('bounds the charge where the balance is gone', async () => {
    const { response, most } = await run(words(10, 3_000), { free: 100, delivery });
    expect(response).toMatchObject({ tokens_charged: most, usage_source: 'clamped' });
  });
});

describe('the part of the hold that the tenant pays', () => {
  const free_of_charge = { input: 0, cache_read: 0, cache_write: 0, output: 0 };

  it.each([
    ['costs its user something', price.wallet_tokens_per_1000],
    ['costs its user nothing', free_of_charge],
  ])('grows with an answer that %s, and ends it where the budget ends', async (_, wallet_tokens_per_1000) => {
    const given = { free: 1_000_000, wallet_tokens_per_1000 };
    const whole = await run(words(20_000, 20_000), given);
    expect(whole.response).toMatchObject({ finish_reason: 'stop' });
    const outcome = whole.wallet.settle.mock.calls[0]?.[0].outcome;
    expect(outcome).toMatchObject({ cost_micro_usd: 160_012, wholesale_micro_usd: 160_012 });
    const cut = await run(words(20_000, 20_000), { ...given, budget: 100_000 });
    expect(cut.response).toMatchObject({ finish_reason: 'length' });
    expect(cut.wallet.settle.mock.calls[0]?.[0].outcome.wholesale_micro_usd).toBeLessThanOrEqual(100_000);
  });
});

it('is not raised for output that unused input covers, once the provider has told its input', async () => {
  async function* told() {
    yield { type: 'input_told', usage: { ...usageOf(0), input_tokens: 1 } } as const;
    yield* words(500, 500);
  }
  const { wallet } = await run(told(), { free: 100_000 });
  expect(wallet.extend).not.toHaveBeenCalled();
});

describe('the hold of a long prompt', () => {
  const prompt = 'The quick brown fox jumps over the lazy dog. '.repeat(400);
  async function* told(input_tokens: number, count: number) {
    yield { type: 'input_told', usage: { ...usageOf(0), input_tokens } } as const;
    for await (const event of words(count, count))
      yield event.type === 'done' ? { ...event, usage: { ...usageOf(count), input_tokens } } : event;
  }
  const BOUND = 18_000;

  it('is lowered once to the input that the provider tells, in a stream that others may wait for', async () => {
    const { response, wallet, first } = await run(told(4_000, 50), { free: 5_000, delivery: 'live', prompt });
    expect(first).toBeGreaterThan(BOUND);
    expect(wallet.extend).toHaveBeenCalledTimes(1);
    expect(wallet.extend.mock.calls[0]?.[0]).toMatchObject({ amount: 4_000 + 1_025 * 4, lowers_from: first });
    expect(response.tokens_charged).toBe(4_000 + 200);
  });

  it.each([
    ['there are many free tokens', { free: 1_000_000, delivery: 'live' as const, input: 4_000 }],
    ['another provider may follow', { free: 5_000, delivery: 'whole' as const, input: 4_000 }],
    ['little would be free', { free: 5_000, delivery: 'live' as const, input: 17_500 }],
  ])('is not lowered if %s', async (_, { input, ...given }) => {
    const { wallet } = await run(told(input, 50), { ...given, prompt });
    expect(wallet.extend).not.toHaveBeenCalled();
  });

  it('grows again after it was lowered', async () => {
    const { response, wallet } = await run(told(4_000, 9_000), { free: 40_000, delivery: 'live', prompt });
    expect(wallet.extend.mock.calls.length).toBeGreaterThan(1);
    expect(response).toMatchObject({ finish_reason: 'stop', tokens_charged: 4_000 + 36_000 });
  });

  it('keeps the whole output where all of it is held', async () => {
    const given = { free: 5_000, delivery: 'live', prompt, fit_to_balance: false } as const;
    const { response, wallet } = await run(told(4_000, 2_000), given);
    expect(wallet.extend.mock.calls.map(([{ amount }]) => amount)).toEqual([4_000 + 8_192 * 4]);
    expect(response).toMatchObject({ finish_reason: 'stop', tokens_charged: 4_000 + 8_000 });
  });
});
