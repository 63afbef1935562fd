import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { WalletIdentity } from '../../contracts/journal.ts';
import { beginExecution } from '../../worker/services/begin-execution.ts';
import type { Dependencies } from '../../worker/services/dependencies.ts';
import { resolveTenant } from '../../worker/services/tenant-directory.ts';
import { asOwner, claimsOf, dependencies, holdTheQueue, newcomer, stubOf } from './checked-wallet.ts';
import { addModel } from './priced-model.ts';

const MODEL = `model-${crypto.randomUUID()}`;
beforeAll(async () => {
  holdTheQueue();
  await addModel(MODEL);
});
afterEach(() => vi.restoreAllMocks());

/** Wallets that do as they are told, but whose answer to a reservation is lost. */
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

const idempotency = { key: 'once', fingerprint: 'a'.repeat(64) };

async function begin(wallet: WalletIdentity, changes: Partial<Dependencies> = {}) {
  const work: Promise<unknown>[] = [];
  const settings = { ...dependencies().settings, OPENAI_API_KEY: 'sk-test' };
  const deps = dependencies({ settings, waitUntil: (promise) => void work.push(promise), ...changes });
  const [[row]] = (await asOwner(sql`select slug from tenants where id = ${wallet.tenant_id}`)) as [
    [{ slug: string }],
  ];
  const tenant = await resolveTenant(deps, { slug: row.slug }, async () => null);
  if (tenant === null) throw new Error('There is no such tenant');
  const chat = { messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Say.' }] }] };
  const request = { model: MODEL, max_output_tokens: 100, chat, fit_to_balance: false, idempotency };
  const answer = await beginExecution(deps, tenant, claimsOf(wallet), request);
  await Promise.all(work);
  return answer;
}

const heldBy = async (wallet: WalletIdentity) => {
  const answer = await stubOf(wallet).audit({ wallet });
  if (!answer.ok || answer.audit === null) throw new Error('The wallet was never used');
  const { reserved, in_flight, consumed } = answer.audit.figures;
  return { reserved, in_flight, consumed };
};

describe('a reservation whose answer is lost', () => {
  it('is given back, so that nothing waits for its deadline, and its key may be used again', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const wallet = await newcomer();
    expect(await begin(wallet, { wallets: deafWallets })).toMatchObject({
      ok: false,
      failure: { code: 'unavailable' },
    });
    expect(await heldBy(wallet)).toEqual({ reserved: 0, in_flight: 0, consumed: 0 });
    expect(await begin(wallet), 'with the same key').toMatchObject({ ok: true, value: { is: 'begun' } });
    expect(await heldBy(wallet)).toMatchObject({ in_flight: 1 });
  });
});
