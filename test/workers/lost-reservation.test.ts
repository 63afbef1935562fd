import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Dependencies } from '../../worker/runtime/dependencies.ts';
import { begin } from './begin.ts';
import { auditedFigures, holdTheQueue, newcomer } from './checked-wallet.ts';
import { addModel } from './priced-model.ts';

const MODEL = `model-${crypto.randomUUID()}`;
beforeAll(async () => {
  holdTheQueue();
  await addModel(MODEL);
});
afterEach(() => vi.restoreAllMocks());

/** Wallets that execute every command, but whose answer to a reservation is lost. */
const deafWallets = {
  getByName: (name: string) =>
    new Proxy(env.WALLET.getByName(name), {
      get: (stub, property) => {
        if (property !== 'reserve') return Reflect.get(stub, property, stub);
        return async (command: Parameters<typeof stub.reserve>[0]) => {
          await stub.reserve(command);
          throw new Error('The answer was lost');
        };
      },
    }),
} as unknown as Dependencies['wallets'];

describe('a reservation whose answer is lost', () => {
  it('is released before its deadline, and its Idempotency-Key can be used again', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const wallet = await newcomer();
    expect(await begin(wallet, MODEL, { wallets: deafWallets })).toMatchObject({
      ok: false,
      failure: { code: 'unavailable' },
    });
    expect(await auditedFigures(wallet)).toMatchObject({ reserved: 0, in_flight: 0, consumed: 0 });
    expect(await begin(wallet, MODEL), 'with the same key').toMatchObject({
      ok: true,
      value: { is: 'reserved' },
    });
    expect(await auditedFigures(wallet)).toMatchObject({ in_flight: 1 });
  });
});
