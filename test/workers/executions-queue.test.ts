import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExecutionJob } from '../../contracts/execution-job.ts';
import { runWhole } from '../../worker/executions/background/start.ts';
import type { ReservedExecution } from '../../worker/executions/begin.ts';
import { estimateTokens } from '../../worker/providers/metering/token-estimate.ts';
import { deleteExpiredContents } from '../../worker/queues/executions.ts';
import { createLog } from '../../worker/runtime/log.ts';
import {
  begunInBackground,
  bindings,
  consumed,
  deliver,
  HELD,
  inBackground,
  keptOf,
} from './background-execution.ts';
import {
  asOwner,
  auditedFigures,
  dependencies,
  environment,
  holdTheQueue,
  newcomer,
  stubOf,
} from './checked-wallet.ts';
import { addModel } from './priced-model.ts';
import { chunk, fetchOf, said, saidWords } from './simulated-stream.ts';
import { outcomeOf, policy, reserveCommandOf } from './wallet/wallet-commands.ts';

const MODEL = `model-${crypto.randomUUID()}`;
const log = createLog('error', {});

beforeAll(async () => {
  holdTheQueue();
  await addModel(MODEL);
});

const begun = (...more: [(string | null)?, { max_output_tokens: number; held_output_tokens: number }?]) =>
  begunInBackground(MODEL, ...more);

/** The provider's answer, and the number of requests to it. */
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

const CHARGED = { consumed: 10, reserved: 0, in_flight: 0, seq: 3 };
const GIVEN_BACK = { consumed: 0, reserved: 0, in_flight: 0, seq: 3 };
const HELD_STILL = { consumed: 0, reserved: HELD, in_flight: 1, seq: 2 };

/** Returns a namespace of wallets that fail one kind of command, once or always. */
function walletsWithout(
  command: 'settle' | 'release' | 'extend',
  times = Number.POSITIVE_INFINITY,
): Env['WALLET'] {
  let left = times;
  return {
    getByName: (name: string) =>
      new Proxy(env.WALLET.getByName(name), {
        get: (stub, property) => {
          if (property !== command) return Reflect.get(stub, property, stub);
          return (argument: never) => {
            left -= 1;
            if (left >= 0) return Promise.reject(new Error('out of reach'));
            return stub[command](argument);
          };
        },
      }),
  } as unknown as Env['WALLET'];
}

/** Returns a namespace of wallets that extend a reservation by this lifetime only. */
const walletsWithTime = (lifetime_ms: number): Env['WALLET'] =>
  ({
    getByName: (name: string) =>
      new Proxy(env.WALLET.getByName(name), {
        get: (stub, property) =>
          property === 'extend'
            ? async () => ({
                ok: true,
                expires_at_ms: Date.now() + lifetime_ms,
                reserved: HELD,
                wholesale: 0,
              })
            : Reflect.get(stub, property, stub),
      }),
  }) as unknown as Env['WALLET'];

describe('a delivery of an execution', () => {
  it('that is duplicated concurrently, and again afterwards, is charged once and keeps one answer', async () => {
    const { wallet, job } = await begun();
    expect(await Promise.all([deliver(job), deliver(job), deliver(job)])).toEqual(['done', 'done', 'done']);
    expect(await auditedFigures(wallet)).toEqual(CHARGED);
    const kept = await keptOf(job);
    expect(kept?.answer?.text).toBe('Said.');
    const asked = provider.asked;
    expect(await deliver(job)).toBe('done');
    expect(provider.asked).toBe(asked);
    expect(await keptOf(job)).toEqual(kept);
    expect(await auditedFigures(wallet)).toEqual(CHARGED);
  });

  it('that breaks off between the answer and its settlement is completed by the next, without a provider call', async () => {
    const { wallet, job } = await begun();
    expect(await deliver(job, { WALLET: walletsWithout('settle', 1) })).toBe('again');
    expect(await auditedFigures(wallet)).toEqual(HELD_STILL);
    expect((await keptOf(job))?.answer?.text).toBe('Said.');
    expect(await deliver(job)).toBe('done');
    expect(provider.asked).toBe(1);
    expect(await auditedFigures(wallet)).toEqual(CHARGED);
  });

  it('calls no provider if the reservation is gone, or cannot be confirmed', async () => {
    const { wallet, job } = await begun();
    expect(await deliver(job, { WALLET: walletsWithout('extend') })).toBe('again');
    await stubOf(wallet).release({ wallet, outcome: outcomeOf(job.execution_id, 'expired') });
    expect(await deliver(job)).toBe('done');
    expect(provider.asked).toBe(0);
  });

  it('calls no provider and stores nothing while the database is unreachable', async () => {
    const { wallet, job } = await begun();
    const DATABASE_URL = environment().DATABASE_URL.replace('app_worker', 'nobody');
    expect(await deliver(job, { DATABASE_URL })).toBe('again');
    expect(provider.asked).toBe(0);
    expect(await auditedFigures(wallet)).toEqual(HELD_STILL);
  });

  it('whose reservation was released during the provider’s answer drops the answer, and charges nothing', async () => {
    const { wallet, job } = await begun();
    provider.answer = async () => {
      await stubOf(wallet).release({ wallet, outcome: outcomeOf(job.execution_id, 'expired') });
      return said();
    };
    expect(await deliver(job)).toBe('done');
    expect(await auditedFigures(wallet)).toEqual(GIVEN_BACK);
    expect((await keptOf(job))?.answer).toBeNull();
  });

  it('releases the reservation if its user deleted the contents before, and charges an answer during which they were deleted', async () => {
    for (const when of ['before', 'meanwhile']) {
      const { wallet, job } = await begun();
      const remove = () =>
        asOwner(sql`delete from ai_execution_contents where execution_id = ${job.execution_id}`);
      if (when === 'before') await remove();
      provider.answer = async () => {
        await remove();
        return said();
      };
      expect(await deliver(job)).toBe('done');
      expect(await auditedFigures(wallet)).toEqual(when === 'before' ? GIVEN_BACK : CHARGED);
      expect(await keptOf(job)).toBeNull();
    }
    expect(provider.asked).toBe(1);
  });

  it('releases the reservation if its user was disabled', async () => {
    const { wallet, job } = await begun();
    await stubOf(wallet).setStanding({ wallet, status: 'disabled', version: Date.now() * 1_000 });
    expect(await deliver(job)).toBe('done');
    expect(provider.asked).toBe(0);
    expect(await auditedFigures(wallet)).toMatchObject({ consumed: 0, reserved: 0, in_flight: 0 });
    expect((await keptOf(job))?.settlement?.outcome.error_code).toBe('user_disabled');
  });

  it('releases the reservation if its API key was revoked', async () => {
    const key = crypto.randomUUID();
    const { wallet, job } = await begun(key);
    await stubOf(wallet).revokeKey({ wallet, api_key_id: key });
    expect(await deliver(job)).toBe('done');
    expect(provider.asked).toBe(0);
    expect(await auditedFigures(wallet)).toEqual(GIVEN_BACK);
    expect((await keptOf(job))?.settlement?.outcome.error_code).toBe('api_key_revoked');
  });

  it('that fails is recorded every time, and the execution fails after the last', async () => {
    const { wallet, job } = await begun();
    provider.answer = down;
    expect(await deliver(job)).toBe('again');
    expect(await deliver(job)).toBe('again');
    expect((await keptOf(job))?.attempts).toHaveLength(2);
    expect(await auditedFigures(wallet)).toEqual(HELD_STILL);
    expect(await consumed('executions-dead', job)).toBe('done');
    expect(await consumed('executions-dead', job)).toBe('done');
    const settlement = (await keptOf(job))?.settlement;
    expect(settlement).toMatchObject({
      charge: 0,
      outcome: { status: 'failed', error_code: 'provider_failed' },
    });
    expect(settlement?.outcome.attempts).toHaveLength(2);
    expect(await auditedFigures(wallet)).toEqual(GIVEN_BACK);
  });

  it('whose time ends during the provider’s answer keeps the text so far and charges for it', async () => {
    const { wallet, job } = await begun();
    provider.answer = async () => {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const delta = { role: 'assistant', content: 'Half of it' };
      const begins = chunk({ choices: [{ index: 0, delta, finish_reason: null }] });
      writable
        .getWriter()
        .write(new TextEncoder().encode(begins))
        .catch(() => undefined);
      return new Response(readable, { headers: { 'content-type': 'text/event-stream' } });
    };
    // The provider gets all of it except five seconds.
    expect(await deliver(job, { WALLET: walletsWithTime(8_000) })).toBe('done');
    const kept = await keptOf(job);
    expect(kept?.answer?.text).toBe('Half of it');
    expect(kept?.settlement?.outcome).toMatchObject({
      status: 'succeeded',
      finish_reason: 'length',
      usage_source: 'estimated',
      usage: { output_tokens: estimateTokens('Half of it') },
    });
    expect(await auditedFigures(wallet)).toMatchObject({ consumed: kept?.settlement?.charge, reserved: 0 });
    expect(provider.asked).toBe(1);
  });

  it('whose answer is longer than its limit keeps the text so far, and calls no provider again', async () => {
    const { wallet, job } = await begun();
    provider.answer = async () =>
      new Response(chunk({ choices: [{ index: 0, delta: { content: ' '.repeat(80_000) } }] }), {
        headers: { 'content-type': 'text/event-stream' },
      });
    expect(await deliver(job)).toBe('done');
    expect((await keptOf(job))?.settlement?.outcome).toMatchObject({
      status: 'succeeded',
      finish_reason: 'length',
      usage_source: 'estimated',
    });
    expect(await auditedFigures(wallet)).toMatchObject({ reserved: 0, in_flight: 0 });
    expect(provider.asked).toBe(1);
  });

  it.each([
    ['is charged for all of an answer that its hold grows with', 600, { charge: 607, finish_reason: 'stop' }],
    ['ends an answer that its hold cannot grow with', 1_400, { finish_reason: 'length' }],
  ])('%s', async (_, count, end) => {
    const { wallet, job } = await begun(null, { max_output_tokens: 1_000, held_output_tokens: 100 });
    provider.answer = async () => saidWords(count);
    expect(await deliver(job)).toBe('done');
    const { charge = 0, outcome } = (await keptOf(job))?.settlement ?? {};
    expect({ charge, finish_reason: outcome?.finish_reason }).toMatchObject(end);
    expect(charge).toBeGreaterThan(HELD);
    expect(charge).toBeLessThanOrEqual(1_000);
    expect(await auditedFigures(wallet)).toMatchObject({ consumed: charge, reserved: 0, in_flight: 0 });
  });

  it('of another attempt goes on with the hold that the first has raised', async () => {
    const { wallet, job } = await begun(null, { max_output_tokens: 1_000, held_output_tokens: 100 });
    provider.answer = async () => saidWords(600, { breaksOff: true });
    expect(await deliver(job)).toBe('again');
    const { execution_id } = job;
    const hold = await stubOf(wallet).extend({ wallet, execution_id });
    expect(hold.ok && hold.reserved).toBeGreaterThan(600);
    provider.answer = async () => saidWords(600);
    expect(await deliver(job)).toBe('done');
    expect(await auditedFigures(wallet)).toMatchObject({ consumed: 607, reserved: 0 });
  });

  it('whose prompt is too long for every model fails at once', async () => {
    const { wallet, job } = await begun();
    const error = { message: 'm', type: 'invalid_request_error', code: 'context_length_exceeded' };
    provider.answer = async () => Response.json({ error }, { status: 400 });
    expect(await deliver(job)).toBe('done');
    expect(await auditedFigures(wallet)).toEqual(GIVEN_BACK);
    expect((await keptOf(job))?.settlement?.outcome.error_code).toBe('context_length_exceeded');
  });

  it('in the dead-letter queue settles an answer that was decided', async () => {
    const { wallet, job } = await begun();
    expect(await deliver(job, { WALLET: walletsWithout('settle', 1) })).toBe('again');
    expect(await consumed('executions-dead', job)).toBe('done');
    expect(await auditedFigures(wallet)).toEqual(CHARGED);
  });

  it('with a malformed message is acknowledged', async () => {
    expect(await consumed('executions', { version: 2 })).toBe('done');
  });
});

describe('what cannot be sent on its way', () => {
  it.each(['stored', 'sent'])(
    '(not %s) gives the tokens back and is refused as unavailable',
    async (what) => {
      const wallet = await newcomer();
      const command = reserveCommandOf(wallet, HELD);
      const start = { ...command.execution, model: MODEL };
      const reserved = await stubOf(wallet).reserve({ ...command, policy, execution: start });
      if (!reserved.ok) throw new Error(reserved.code);
      const failing = { send: () => Promise.reject(new Error('no queue')) } as unknown as Queue<ExecutionJob>;
      const deps = dependencies(what === 'sent' ? { executionJobs: failing } : {});
      const tenant = { id: wallet.tenant_id, slug: 'a' };
      const answer = await runWhole(
        deps,
        tenant,
        {
          ...{ start, wallet, user_id: wallet.user_id, shortfall: 0, keeps_answer: false },
          ...{ expires_at_ms: reserved.expires_at_ms, stores_contents: false },
          plan: {
            ...{ candidates: [], max_output_tokens: 10, worst_case_tokens: HELD, fitted: false },
            // A value that JSON cannot represent simulates a database that is down.
            task: { storage: { input: { chat: { messages: what === 'stored' ? [1n] : [] } } } },
          },
        } as unknown as ReservedExecution,
        ...inBackground,
      );
      expect(answer).toMatchObject({ ok: false, failure: { code: 'unavailable' } });
      expect(await auditedFigures(wallet)).toEqual(GIVEN_BACK);
    },
  );
});

describe('what is kept', () => {
  it('is deleted when it expires, and not before', async () => {
    const [expired, fresh] = [await begun(), await begun()];
    // Tenants with wallets in the ledger are swept.
    await asOwner(
      ...[expired, fresh].map(
        ({ wallet }) =>
          sql`insert into user_token_wallets (tenant_id, user_id, seq, monthly, lifetime, reserved, overage, period, policy_version)
            values (${wallet.tenant_id}, ${wallet.user_id}, 0, 0, 0, 0, 0, '2026-11', 1)`,
      ),
      sql`update ai_execution_contents set expires_at = now() - interval '1 second'
        where execution_id = ${expired.job.execution_id}`,
    );
    await deleteExpiredContents(bindings(), log);
    expect(await keptOf(expired.job)).toBeNull();
    expect(await keptOf(fresh.job)).not.toBeNull();
  });
});
