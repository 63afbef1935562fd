import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Dependencies } from '../../../worker/runtime/dependencies.ts';
import { createLog } from '../../../worker/runtime/log.ts';
import { callWallet, PATIENT } from '../../../worker/wallet-access/wallet-client.ts';

const wallet = { tenant_id: 'a-tenant', user_id: 'a-user' };

/** A wallet whose attempts have the listed outcomes, the last one repeated. Counts the stubs requested. */
function walletThat(...tries: (() => Promise<string>)[]) {
  let stubs = 0;
  const names: string[] = [];
  const wallets = {
    getByName(name: string) {
      const answer = tries[Math.min(stubs, tries.length - 1)];
      stubs += 1;
      names.push(name);
      return { ping: answer };
    },
  } as unknown as Dependencies['wallets'];
  const deps = { wallets, log: { ...createLog('error', {}), warn: () => undefined } };
  const call = (patience?: typeof PATIENT) =>
    callWallet(deps, wallet, (stub) => stub.ping() as Promise<string>, patience);
  return { call, names, stubs: () => stubs };
}

const fails = (properties: object) => async () => {
  throw Object.assign(new Error('the wallet failed'), properties);
};
const answers = async () => 'pong';
const hangs = () => new Promise<string>(() => undefined);

const unavailable = { ok: false, failure: { code: 'unavailable' } };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Advances time until the call settles. */
async function ended<Value>(call: Promise<Value>): Promise<Value> {
  await vi.runAllTimersAsync();
  return call;
}

describe('calling a wallet', () => {
  it('names the tenant in the object, so that no two tenants share one', async () => {
    const { call, names } = walletThat(answers);
    expect(await ended(call())).toEqual({ ok: true, value: 'pong' });
    expect(names).toEqual(['a-tenant/a-user']);
  });

  it('is retried on a new stub if the platform marks the error as retryable', async () => {
    const { call, stubs } = walletThat(fails({ retryable: true }), fails({ retryable: true }), answers);
    expect(await ended(call())).toEqual({ ok: true, value: 'pong' });
    expect(stubs()).toBe(3);
  });

  it('is retried if the object was reset, since its outcome is unknown', async () => {
    const { call, stubs } = walletThat(fails({ durableObjectReset: true }), answers);
    expect(await ended(call())).toEqual({ ok: true, value: 'pong' });
    expect(stubs()).toBe(2);
  });

  it('fails after a few tries, or after more if tokens were already spent', async () => {
    const prompt = walletThat(fails({ retryable: true }));
    expect(await ended(prompt.call())).toEqual(unavailable);
    expect(prompt.stubs()).toBe(4);
    const patient = walletThat(fails({ retryable: true }));
    expect(await ended(patient.call(PATIENT))).toEqual(unavailable);
    expect(patient.stubs()).toBe(9);
  });

  it('is not retried if a retry cannot help', async () => {
    const { call, stubs } = walletThat(fails({}));
    expect(await ended(call(PATIENT))).toEqual(unavailable);
    expect(stubs()).toBe(1);
  });

  it.each([
    ['overloaded', fails({ retryable: true, overloaded: true })],
    ['not answering', hangs],
  ])('that is %s is left alone, unless something was spent already', async (_, trouble) => {
    const prompt = walletThat(trouble, answers);
    expect(await ended(prompt.call())).toEqual(unavailable);
    expect(prompt.stubs()).toBe(1);
    const patient = walletThat(trouble, answers);
    expect(await ended(patient.call(PATIENT))).toEqual({ ok: true, value: 'pong' });
    expect(patient.stubs()).toBe(2);
  });

  it('ends after about half a minute, even if it hangs', async () => {
    const { call, stubs } = walletThat(hangs);
    const startedMs = Date.now();
    expect(await ended(call(PATIENT))).toEqual(unavailable);
    expect(stubs()).toBe(3);
    expect(Date.now() - startedMs).toBeLessThan(40_000);
  });
});
