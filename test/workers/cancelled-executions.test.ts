import { sql } from 'drizzle-orm';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExecutionJob } from '../../contracts/execution-job.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import { cancelExecution } from '../../worker/executions/background/cancel.ts';
import { deleteContents } from '../../worker/executions/contents.ts';
import { begunInBackground, deliver, HELD, keptOf } from './background-execution.ts';
import { asOwner, auditedFigures, claimsOf, dependencies, holdTheQueue } from './checked-wallet.ts';
import { addModel } from './priced-model.ts';
import { endless, fetchOf, said } from './simulated-stream.ts';

const MODEL = `model-${crypto.randomUUID()}`;
/** Thinks without showing it. */
const THINKER = `thinker-${crypto.randomUUID()}`;

beforeAll(async () => {
  holdTheQueue();
  await addModel(MODEL);
  await addModel(THINKER, 'o3');
});

const provider = { asked: 0, answer: async (): Promise<Response> => said() };

beforeEach(() => {
  provider.asked = 0;
  provider.answer = async () => said();
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const asked = () => {
    provider.asked += 1;
    return provider.answer();
  };
  vi.spyOn(globalThis, 'fetch').mockImplementation(fetchOf(asked));
});
afterEach(() => vi.restoreAllMocks());

const cancel = ({ tenant_id, user_id }: WalletIdentity, { execution_id }: ExecutionJob) =>
  cancelExecution(dependencies(), { ...claimsOf({ tenant_id, user_id }), userId: user_id }, execution_id);

/** Begins an execution and its delivery, and resolves when the provider has said so many words. */
async function answering(words: number, options: { silent?: boolean; model?: string } = {}) {
  const { wallet, job } = await begunInBackground(options.model ?? MODEL);
  const call = endless(options);
  provider.answer = async () => call.response;
  const delivered = deliver(job);
  await vi.waitFor(() => expect(call.said()).toBeGreaterThanOrEqual(words), 10_000);
  return { wallet, job, call, delivered };
}

describe('an execution that is cancelled while a provider answers', () => {
  it('leaves the provider at once, charges what was said by then, and records the attempt', async () => {
    const { wallet, job, call, delivered } = await answering(5);
    const cancelled = await cancel(wallet, job);
    expect(cancelled).toMatchObject({
      ok: true,
      value: { status: 'cancelled', error_code: 'cancelled', usage_source: 'estimated', output_text: null },
    });
    expect(await delivered).toBe('done');
    expect(call.wasLeft()).toBe(true);
    const figures = await auditedFigures(wallet);
    expect(figures).toMatchObject({ reserved: 0, in_flight: 0, seq: 3 });
    expect(figures.consumed).toBeGreaterThan(5);
    expect(figures.consumed).toBeLessThanOrEqual(HELD);
    expect(cancelled.ok && cancelled.value.tokens_charged).toBe(figures.consumed);
    expect(cancelled.ok && cancelled.value.attempts).toHaveLength(1);
    expect((await keptOf(job))?.answer).toBeNull();
    // A repetition gets the same answer, although it was charged.
    expect(await cancel(wallet, job)).toMatchObject({ ok: true, value: { status: 'cancelled' } });
  });

  it('is charged for its input before anything is said', async () => {
    const { wallet, job, call, delivered } = await answering(1, { silent: true });
    expect(await cancel(wallet, job)).toMatchObject({ ok: true, value: { status: 'cancelled' } });
    expect(await delivered).toBe('done');
    expect(call.wasLeft()).toBe(true);
    expect((await auditedFigures(wallet)).consumed).toBeGreaterThan(0);
    expect((await keptOf(job))?.attempts).toHaveLength(1);
  });

  it('is charged for what its model has probably thought unseen, before anything is said', async () => {
    const { wallet, job, delivered } = await answering(60, { silent: true, model: THINKER });
    expect(await cancel(wallet, job)).toMatchObject({ ok: true, value: { usage_source: 'estimated' } });
    expect(await delivered).toBe('done');
    const usage = (await keptOf(job))?.settlement?.outcome.usage;
    // It was silent for three seconds at least, and thinks for the time after two.
    expect(usage?.output_tokens).toBeGreaterThanOrEqual(30);
    expect(usage?.reasoning_tokens).toBe(usage?.output_tokens);
    expect((await auditedFigures(wallet)).consumed).toBe(
      (usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0),
    );
  });

  it('is charged for a whole answer that arrives before the provider is left, and the answer is dropped', async () => {
    const { wallet, job } = await begunInBackground(MODEL);
    let cancelling: ReturnType<typeof cancel> | undefined;
    provider.answer = async () => {
      cancelling = cancel(wallet, job);
      await vi.waitFor(async () => expect((await keptOf(job))?.cancelled_at_ms).toBeDefined(), 10_000);
      return said();
    };
    expect(await deliver(job)).toBe('done');
    expect(await cancelling).toMatchObject({
      ok: true,
      value: { status: 'cancelled', usage_source: 'reported', tokens_charged: 10 },
    });
    expect(await auditedFigures(wallet)).toEqual({ consumed: 10, reserved: 0, in_flight: 0, seq: 3 });
    expect((await keptOf(job))?.answer).toBeNull();
  });

  it('and whose attempt never reports ends with the next delivery, without a provider call', async () => {
    const { wallet, job } = await begunInBackground(MODEL);
    const kept = await keptOf(job);
    const crashed = JSON.stringify({ ...kept, attempt_began_at_ms: Date.now(), cancelled_at_ms: Date.now() });
    await asOwner(
      sql`update ai_execution_contents set output = to_jsonb(${crashed}::text) where execution_id = ${job.execution_id}`,
    );
    expect(await deliver(job)).toBe('done');
    expect(provider.asked).toBe(0);
    expect(await cancel(wallet, job)).toMatchObject({ ok: true, value: { status: 'cancelled' } });
    expect(await auditedFigures(wallet)).toEqual({ consumed: 0, reserved: 0, in_flight: 0, seq: 3 });
  });
});

describe('an execution whose contents are deleted while a provider answers', () => {
  it('leaves the provider at once, charges what was said by then, and stores nothing', async () => {
    const { wallet, job, call, delivered } = await answering(5);
    const { tenant_id, user_id } = wallet;
    const caller = { ...claimsOf({ tenant_id, user_id }), userId: user_id };
    expect(await deleteContents(dependencies(), caller, job.execution_id)).toMatchObject({ ok: true });
    expect(await delivered).toBe('done');
    expect(call.wasLeft()).toBe(true);
    expect((await auditedFigures(wallet)).consumed).toBeGreaterThan(5);
    expect(await keptOf(job)).toBeNull();
  });

  it('is left as well if they are gone without a cancellation, when its reservation has ended', async () => {
    const { job, call, delivered } = await answering(5);
    await asOwner(sql`delete from ai_execution_contents where execution_id = ${job.execution_id}`);
    // The next delivery releases it.
    expect(await deliver(job)).toBe('done');
    expect(await delivered).toBe('done');
    expect(call.wasLeft()).toBe(true);
  });
});
