import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExecutionJob } from '../../contracts/execution-job.ts';
import { DELIVERIES_MAX } from '../../worker/queues/execution-runner.ts';
import { begunInBackground, bindings, consumed, keptOf } from './background-execution.ts';
import { auditedFigures, holdTheQueue, stubOf } from './checked-wallet.ts';
import { addModel } from './priced-model.ts';
import { endless, fetchOf, said } from './simulated-stream.ts';
import { outcomeOf } from './wallet/wallet-commands.ts';

const MODEL = `model-${crypto.randomUUID()}`;

beforeAll(async () => {
  holdTheQueue();
  // The objects run with the bindings of the project, which have no database and no provider.
  const bound = bindings() as unknown as Record<string, unknown>;
  for (const name of ['DATABASE_URL', 'NEON_FETCH_ENDPOINT', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'])
    Object.defineProperty(env, name, { value: bound[name], configurable: true, enumerable: true });
  await addModel(MODEL);
});

const provider = { asked: 0, answer: async (): Promise<Response> => said() };
const down = async () => new Response('{}', { status: 503, headers: { 'content-type': 'application/json' } });

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

const runnerOf = ({ tenant, execution_id }: ExecutionJob) =>
  env.EXECUTION_RUNNER.getByName(`${tenant.id}/${execution_id}`);

const alarmOf = (job: ExecutionJob) =>
  runInDurableObject(runnerOf(job), (_, { storage }) => storage.getAlarm());
const storedOf = (job: ExecutionJob) => runInDurableObject(runnerOf(job), (_, { storage }) => storage.list());

const settled = async (job: ExecutionJob) => (await keptOf(job))?.settlement ?? null;

describe('an execution in the background', () => {
  it('does not wait for others that take long, of its own tenant or another', async () => {
    const calls = Array.from({ length: 6 }, () => endless());
    const slow = await Promise.all(calls.map(() => begunInBackground(MODEL)));
    let next = 0;
    provider.answer = async () => calls[next++]?.response ?? said();
    for (const { job } of slow) expect(await consumed('executions', job)).toBe('done');
    await vi.waitFor(() => expect(provider.asked).toBe(6), 10_000);
    const { wallet, job } = await begunInBackground(MODEL);
    const sentAtMs = Date.now();
    expect(await consumed('executions', job)).toBe('done');
    await vi.waitFor(async () => expect(await settled(job)).not.toBeNull(), 10_000);
    expect(Date.now() - sentAtMs).toBeLessThan(2_000);
    expect(await auditedFigures(wallet)).toMatchObject({ consumed: 10, in_flight: 0 });
    for (const { job: running } of slow) expect(await settled(running)).toBeNull();
    // Their reservations end, so their calls are left.
    for (const { wallet: held, job: running } of slow) {
      const outcome = outcomeOf(running.execution_id, 'expired');
      await stubOf(held).release({ wallet: held, outcome });
    }
    await vi.waitFor(() => expect(calls.every((call) => call.wasLeft())).toBe(true), 10_000);
  });

  it('is run once however often its message is delivered, and leaves nothing behind', async () => {
    const { wallet, job } = await begunInBackground(MODEL);
    await Promise.all([1, 2, 3].map(() => consumed('executions', job)));
    await vi.waitFor(async () => expect(await settled(job)).not.toBeNull(), 10_000);
    expect(await consumed('executions', job)).toBe('done');
    await vi.waitFor(async () => expect((await storedOf(job)).size).toBe(0), 10_000);
    expect(provider.asked).toBe(1);
    expect(await auditedFigures(wallet)).toMatchObject({ consumed: 10, reserved: 0, in_flight: 0 });
  });

  it('is attempted seven times, with growing delays, and fails then', async () => {
    const { wallet, job } = await begunInBackground(MODEL);
    provider.answer = down;
    expect(await consumed('executions', job)).toBe('done');
    for (let deliveries = 1; deliveries <= DELIVERIES_MAX; deliveries += 1) {
      await vi.waitFor(() => expect(provider.asked).toBeGreaterThanOrEqual(deliveries), 10_000);
      const waits = await vi.waitFor(async () => {
        const at = await alarmOf(job);
        expect(at).not.toBeNull();
        return (at ?? 0) - Date.now();
      }, 10_000);
      expect(waits).toBeGreaterThan(0);
      await runDurableObjectAlarm(runnerOf(job));
    }
    await vi.waitFor(async () => expect((await storedOf(job)).size).toBe(0), 10_000);
    expect(provider.asked).toBe(DELIVERIES_MAX);
    const { outcome } = (await settled(job)) ?? {};
    expect(outcome).toMatchObject({ status: 'failed', error_code: 'provider_failed' });
    expect(outcome?.attempts, 'every attempt is listed').toHaveLength(DELIVERIES_MAX);
    expect(await auditedFigures(wallet)).toMatchObject({ consumed: 0, reserved: 0, in_flight: 0 });
  });
});
