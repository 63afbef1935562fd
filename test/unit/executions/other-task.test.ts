import { describe, expect, it, vi } from 'vitest';
import { executionOutcome, executionStart } from '../../../contracts/wallet/journal.ts';
import type { ReadyCandidate } from '../../../worker/catalog/candidates.ts';
import type { ReservedExecution } from '../../../worker/executions/begin.ts';
import { planOf } from '../../../worker/executions/plan.ts';
import { ExecutionRun } from '../../../worker/executions/run.ts';
import type { Dependencies } from '../../../worker/runtime/dependencies.ts';
import { type Embed, type Embeddings, embeddingTask, vectorsOf } from '../../support/embedding-task.ts';
import { candidate, price, wholesaleHold } from './candidate.ts';

const usage = {
  input_tokens: 4,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
};
const ready = (id: string): ReadyCandidate => ({
  ...candidate({ provider_model: id }, { id: crypto.randomUUID(), name: id }),
  price,
  credential: { kind: 'openai', base_url: null, secret: 'k' },
});

/** Runs embeddings of two texts at two providers. Records the wallet's commands, which are the content of the journal. */
async function embed(behaviour: Embed) {
  const planned = planOf(embeddingTask('embed', ['Hello', 'World'], behaviour), [ready('a'), ready('b')]);
  if (!planned.ok) throw new Error(planned.failure.code);
  const plan = planned.value;
  const wallet = {
    settle: vi.fn(async () => ({ ok: true, thresholds_crossed: [], view: { available: 90, warning: null } })),
    release: vi.fn(async () => ({
      ok: true,
      thresholds_crossed: [],
      view: { available: 100, warning: null },
    })),
  };
  const deps = {
    wallets: { getByName: () => wallet },
    log: { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() },
  } as unknown as Dependencies;
  const user_id = crypto.randomUUID();
  const execution: ReservedExecution<Embeddings> = {
    start: executionStart.parse({
      id: crypto.randomUUID(),
      task: 'embeddings',
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
  };
  const clientGone = new AbortController().signal;
  const executed = await new ExecutionRun(deps, execution, { clientGone, delivery: 'whole' }).collect();
  return { plan, wallet, executed };
}

describe('a task that is not a chat', () => {
  it('holds its input alone, since it has no output tokens', async () => {
    const { plan } = await embed(() => ({ ok: true, events: vectorsOf([[1], [2]], usage) }));
    expect(plan).toMatchObject({ max_output_tokens: 0, worst_case_tokens: 10 });
  });

  it('answers in its own form, and is charged for what its provider reported', async () => {
    const { executed, wallet } = await embed(() => ({ ok: true, events: vectorsOf([[1], [2]], usage) }));
    expect(executed).toMatchObject({
      ok: true,
      value: {
        response: {
          ...{ task: 'embeddings', status: 'succeeded', vectors: [[1], [2]], finish_reason: null },
          ...{ tokens_charged: 4, balance_after: 90 },
        },
      },
    });
    const [{ amount, outcome }] = wallet.settle.mock.calls[0] as unknown as [
      { amount: number; outcome: unknown },
    ];
    expect(amount).toBe(4);
    expect(executionOutcome.parse(outcome), 'the journal takes it as it is').toEqual(outcome);
  });

  it('fails over like any other', async () => {
    const failure = {
      ...{ kind: 'overloaded' as const, retryable: true, retry_after_ms: null, status: 503, message: 'busy' },
    };
    const { executed } = await embed((provider_model) =>
      provider_model === 'a' ? { ok: false, failure } : { ok: true, events: vectorsOf([[3]], usage) },
    );
    expect(executed).toMatchObject({
      value: {
        response: {
          vectors: [[3]],
          attempts: [{ provider_model: 'a', failure: { kind: 'overloaded' } }, { provider_model: 'b' }],
        },
      },
    });
  });

  it('is charged an estimate of its input when the provider reports no usage', async () => {
    const { executed } = await embed(() => ({ ok: true, events: vectorsOf([[1]], null) }));
    expect(executed).toMatchObject({
      value: { response: { usage_source: 'estimated', tokens_charged: 3 } },
    });
  });

  it('refuses what it cannot run, by field', () => {
    const none = embeddingTask('embed', [], () => {
      throw new Error('Not asked');
    });
    expect(planOf(none, [ready('a')])).toMatchObject({
      failure: { code: 'invalid_request', details: { issues: [{ field: 'input' }] } },
    });
  });
});
