import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { executionOutcome, executionStart } from '../../../contracts/wallet/journal.ts';
import { startSimulators } from '../../../dev/simulators/server.ts';
import type { ReadyCandidate } from '../../../worker/catalog/candidates.ts';
import type { Candidate } from '../../../worker/db/snapshots.ts';
import type { ReservedExecution } from '../../../worker/executions/begin.ts';
import { type Embedding, embeddingTask } from '../../../worker/executions/embedding-task.ts';
import { planOf } from '../../../worker/executions/plan.ts';
import { ExecutionRun } from '../../../worker/executions/run.ts';
import type { EmbeddingInput } from '../../../worker/providers/embedding/embedding.ts';
import type { Dependencies } from '../../../worker/runtime/dependencies.ts';
import { setFault } from '../../support/simulators.ts';
import { candidate, price, wholesaleHold } from './candidate.ts';

/** A task that is no chat: it has no output tokens, and its stream is vectors. */

let simulators: Awaited<ReturnType<typeof startSimulators>>;
beforeAll(async () => {
  simulators = await startSimulators();
});
afterAll(() => simulators.stop());
afterEach(() => fetch(`${simulators.origin}/_control/reset`, { method: 'POST' }));

const HELLO: EmbeddingInput = { of: 'texts', items: ['Hello', 'World'] };
const task = (input: EmbeddingInput = HELLO) => embeddingTask({ model: 'embed', input, dimensions: 3 });

/** A candidate at the simulated OpenAI. Its key is its name, so that its faults are its own. */
const ready = (
  name: string,
  changes: Partial<Candidate> = {},
  provider: Partial<Candidate['provider']> = {},
): ReadyCandidate => ({
  ...candidate(
    { kind: 'embedding', provider_model: name, max_output_tokens: 0, ...changes },
    { id: crypto.randomUUID(), name, ...provider },
  ),
  price,
  credential: { kind: 'openai', base_url: `${simulators.origin}/openai/v1`, secret: name },
});

/** Runs embeddings of two texts at two providers. Records the wallet's commands, which are the content of the journal. */
async function embed(clientGone = new AbortController().signal) {
  const planned = planOf(task(), [ready('a'), ready('b')]);
  if (!planned.ok) throw new Error(planned.failure.code);
  const plan = planned.value;
  const ended = (available: number) =>
    vi.fn(async () => ({ ok: true, thresholds_crossed: [], view: { available, warning: null } }));
  const wallet = { settle: ended(90), release: ended(100) };
  const deps = {
    wallets: { getByName: () => wallet },
    log: { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() },
  } as unknown as Dependencies;
  const user_id = crypto.randomUUID();
  const execution: ReservedExecution<Embedding> = {
    start: executionStart.parse({
      id: crypto.randomUUID(),
      task: 'embedding',
      model: 'embed',
      api_key_id: null,
      input_tokens_bound: plan.candidates[0].input_tokens_bound,
      max_output_tokens: plan.max_output_tokens,
      price_version: 1,
      started_at_ms: Date.now(),
    }),
    plan,
    wallet: { tenant_id: crypto.randomUUID(), user_id },
    user_id,
    wholesale: wholesaleHold(1_000_000),
    shortfall: 0,
    free_tokens: 0,
    expires_at_ms: Date.now() + 60_000,
    keeps_answer: false,
    stores_contents: false,
    key_window: null,
    conversation: null,
    cache: null,
  };
  const executed = await new ExecutionRun(deps, execution, { clientGone, delivery: 'whole' }).collect();
  return { plan, wallet, executed };
}

describe('an embedding', () => {
  it('holds its input alone, since it has no output tokens', async () => {
    const { plan } = await embed();
    expect(plan).toMatchObject({ max_output_tokens: 0, worst_case_tokens: 26 });
  });

  it('answers with vectors, and is charged for what its provider reported', async () => {
    const { executed, wallet } = await embed();
    expect(executed).toMatchObject({
      ok: true,
      value: {
        response: {
          ...{ task: 'embedding', status: 'succeeded', finish_reason: null, usage_source: 'reported' },
          ...{ tokens_charged: 4, balance_after: 90, vectors: { length: 2 } },
        },
      },
    });
    const [{ amount, outcome }] = wallet.settle.mock.calls[0] as unknown as [
      { amount: number; outcome: unknown },
    ];
    expect(amount).toBe(4);
    expect(executionOutcome.parse(outcome), 'the journal takes it as it is').toEqual(outcome);
  });

  it('fails over like a chat', async () => {
    await setFault(simulators.origin, 'openai', 'overloaded', { key: 'a' });
    const { executed } = await embed();
    expect(executed).toMatchObject({
      value: {
        response: {
          vectors: { length: 2 },
          attempts: [{ provider_model: 'a', failure: { kind: 'overloaded' } }, { provider_model: 'b' }],
        },
      },
    });
  });

  it('costs nothing when no provider answers', async () => {
    await setFault(simulators.origin, 'openai', 'server_error');
    const { executed, wallet } = await embed();
    expect(executed).toMatchObject({ ok: false, failure: { code: 'provider_failed' } });
    expect([wallet.settle.mock.calls.length, wallet.release.mock.calls.length]).toEqual([0, 1]);
  });

  it('is charged an estimate of its input when the provider reports no usage', async () => {
    await setFault(simulators.origin, 'openai', 'missing_usage');
    const { executed } = await embed();
    expect(executed).toMatchObject({ value: { response: { usage_source: 'estimated', tokens_charged: 2 } } });
  });
});

const refusalOf = (input: EmbeddingInput, ...candidates: [ReadyCandidate, ...ReadyCandidate[]]) => {
  const planned = planOf(task(input), candidates);
  return planned.ok ? null : planned.failure.message;
};

describe('an embedding is refused by name', () => {
  it('where the model chats', () => {
    expect(planOf(task(), [ready('a', { kind: 'chat', max_output_tokens: 10 })])).toMatchObject({
      failure: {
        code: 'invalid_request',
        message: 'model: This is a chat model: call /v1/chat/completions',
        details: { issues: [{ field: 'model', rule: 'wrong_kind' }] },
      },
    });
  });

  it('where the provider’s protocol has none', () => {
    expect(refusalOf(HELLO, ready('a', {}, { kind: 'anthropic' }))).toBe(
      'model: The provider of this model has no embeddings',
    );
  });

  it('where tokens are sent to a provider that takes texts', () => {
    const tokens: EmbeddingInput = { of: 'tokens', items: [[1, 2]] };
    expect(refusalOf(tokens, ready('a', {}, { kind: 'google' }))).toBe(
      'model: This model takes texts, not tokens',
    );
    expect(refusalOf(tokens, ready('a', {}, { kind: 'google' }), ready('b'))).toBeNull();
  });

  it('where an item has more tokens than the model takes', () => {
    const long: EmbeddingInput = { of: 'tokens', items: [[1], new Array(101).fill(1)] };
    expect(refusalOf(long, ready('a', { context_window_tokens: 100 }))).toBe(
      'model: This model takes at most 100 tokens in one item of the input',
    );
  });
});

it('a name that serves chats and embeddings leads each to its own model', () => {
  const both: [ReadyCandidate, ReadyCandidate] = [ready('chat', { kind: 'chat' }), ready('embed')];
  const planned = planOf(task(), both);
  expect(planned.ok && planned.value.candidates.map(({ provider_model }) => provider_model)).toEqual([
    'embed',
  ]);
});
