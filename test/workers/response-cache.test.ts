import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ResponseCache } from '../../contracts/tenants/response-cache.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import { beginExecution } from '../../worker/executions/begin.ts';
import { type ChatLiveEvent, chatTask } from '../../worker/executions/chat-task.ts';
import { deleteContents } from '../../worker/executions/contents.ts';
import type { CacheChoice } from '../../worker/executions/response-cache/use.ts';
import { ExecutionRun } from '../../worker/executions/run.ts';
import { deleteUnder } from '../../worker/objects/delete-objects.ts';
import {
  deleteAnswer,
  deleteUserAnswers,
  readAnswer,
  SHARED,
  storeAnswer,
} from '../../worker/objects/kept-answers.ts';
import { tenantPrefix } from '../../worker/objects/object-keys.ts';
import { eraseDueTenants } from '../../worker/platform/erase-tenants.ts';
import type { Dependencies } from '../../worker/runtime/dependencies.ts';
import { resolveTenant } from '../../worker/tenants/tenant-lookup.ts';
import {
  abroad,
  arrive,
  asOwner,
  auditedFigures,
  check,
  claimsOf,
  dependencies,
  holdTheQueue,
  home,
  newcomer,
  stubOf,
} from './checked-wallet.ts';
import { addModel } from './priced-model.ts';
import { fetchOf, PROVIDER_URL, said, saidWords } from './simulated-stream.ts';
import { policy } from './wallet/wallet-commands.ts';

const MODEL = `model-${crypto.randomUUID()}`;
beforeAll(async () => {
  holdTheQueue();
  await addModel(MODEL);
});

const provider = { asked: 0, answer: (): Response => said() };
const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
beforeEach(() => {
  vi.restoreAllMocks();
  log.warn.mockClear();
  provider.asked = 0;
  provider.answer = () => said();
  const answer = async () => {
    provider.asked += 1;
    return provider.answer();
  };
  vi.spyOn(globalThis, 'fetch').mockImplementation(fetchOf(answer));
});

const own: ResponseCache = { ttl_s: 600, scope: 'user', price_percent: 50 };
const shared: ResponseCache = { ...own, scope: 'tenant' };

type Asked = {
  setting?: ResponseCache | null;
  text?: string;
  choice?: CacheChoice;
  changes?: Partial<Dependencies>;
  clientGone?: AbortSignal;
};

const slugOf = async (tenant_id: string) =>
  (await asOwner(sql`select slug from tenants where id = ${tenant_id}`))[0]?.[0]?.slug as string;

/** Streams a request of a user, and waits for the work that outlives it. */
async function ask(wallet: WalletIdentity, asked: Asked = {}) {
  const { setting = own, text = `Say ${crypto.randomUUID()}.`, choice, changes = {} } = asked;
  const work: Promise<unknown>[] = [];
  const settings = {
    ...dependencies().settings,
    ...{ OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: PROVIDER_URL },
  };
  const waitUntil = (promise: Promise<unknown>) => void work.push(promise);
  const deps = dependencies({ settings, log, waitUntil, ...changes });
  const tenant = await resolveTenant(deps, { slug: await slugOf(wallet.tenant_id) }, async () => null);
  if (tenant === null) throw new Error('There is no such tenant');
  const chat = { messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }] };
  const task = chatTask({ model: MODEL, max_output_tokens: 1_000, chat }, { fit_to_balance: true });
  const begun = await beginExecution(deps, { ...tenant, response_cache: setting }, claimsOf(wallet), {
    ...{ task, cache: choice },
  });
  if (!begun.ok || begun.value.is !== 'reserved') throw new Error(JSON.stringify(begun));
  const { execution } = begun.value;
  const { clientGone = new AbortController().signal } = asked;
  const run = new ExecutionRun(deps, execution, { clientGone, delivery: 'live' });
  const told: ChatLiveEvent[] = [];
  await run.deliver(async (event) => void told.push(event));
  await Promise.all(work);
  const end = told.at(-1);
  const response = end?.type === 'finished' ? end.executed.response : null;
  return { text, told, response, isHit: response?.response_cache?.result === 'hit' };
}

/** The keys that are stored of a tenant. */
async function keysOf(tenant_id: string, owner = ''): Promise<string[]> {
  const { objects } = await env.OBJECTS.list({ prefix: `${tenantPrefix('answers', tenant_id)}${owner}` });
  return objects.map(({ key }) => key);
}

/** The key of the one answer of a user. */
async function answerKeyOf({ tenant_id, user_id }: WalletIdentity): Promise<string> {
  const keys = (await keysOf(tenant_id, user_id)).filter((key) => !key.includes('/of-'));
  expect(keys).toHaveLength(1);
  return keys[0] ?? '';
}

describe('an equal request', () => {
  it('gets the kept answer at its price, by an execution of its own that the ledger proves', async () => {
    const wallet = await newcomer();
    const first = await ask(wallet);
    expect([first.isHit, provider.asked]).toEqual([false, 1]);
    expect(first.response).toMatchObject({ tokens_charged: 10, response_cache: null });
    const second = await ask(wallet, { text: first.text });
    expect([second.isHit, provider.asked]).toEqual([true, 1]);
    expect(second.told.map(({ type }) => type)).toEqual(['input_told', 'text', 'finished']);
    expect(second.response?.id).not.toBe(first.response?.id);
    expect(second.response).toMatchObject({
      ...{ output_text: 'Said.', finish_reason: 'stop', status: 'succeeded', attempts: [] },
      ...{ usage: first.response?.usage, usage_source: 'reported', price: first.response?.price },
      ...{ tokens_charged: 5, cost_micro_usd: 0, response_cache: { result: 'hit', price_percent: 50 } },
    });
    expect(await auditedFigures(wallet)).toMatchObject({ consumed: 15, reserved: 0, in_flight: 0 });
    await arrive(wallet);
    const [[row]] = (await asOwner(
      sql`select tokens_charged, cost_micro_usd, wholesale_micro_usd, response_cache, attempts from ai_executions
        where id = ${second.response?.id}`,
    )) as [[Record<string, unknown>]];
    expect(row).toMatchObject({
      ...{ attempts: [], response_cache: { result: 'hit', price_percent: 50 } },
    });
    expect([row.tokens_charged, row.cost_micro_usd, row.wholesale_micro_usd].map(Number)).toEqual([5, 0, 0]);
    expect(await check(wallet, true)).toMatchObject({
      reconciliation: { status: 'ok', differences: [] },
    });
  });

  it('is one of the same user, unless the tenant shares answers, and never one of another tenant', async () => {
    const [one, other, stranger] = [await newcomer(), await newcomer(), await newcomer(abroad)];
    const { text } = await ask(one);
    expect((await ask(other, { text })).isHit).toBe(false);
    const { text: common } = await ask(one, { setting: shared });
    expect((await ask(other, { setting: shared, text: common })).isHit).toBe(true);
    expect((await ask(other, { text: common })).isHit).toBe(false);
    expect((await ask(stranger, { setting: shared, text: common })).isHit).toBe(false);
    expect((await ask(stranger, { setting: shared, text: common })).isHit).toBe(true);
  });

  it('asks a provider if the tenant keeps none, or the client skips or refreshes the kept answer', async () => {
    const wallet = await newcomer();
    const { text } = await ask(wallet, { choice: 'skip' });
    expect((await ask(wallet, { text, setting: null })).isHit).toBe(false);
    expect((await ask(wallet, { text })).isHit).toBe(false);
    provider.answer = () => saidWords(2);
    expect((await ask(wallet, { text, choice: 'refresh' })).isHit).toBe(false);
    const fresh = await ask(wallet, { text });
    expect([fresh.isHit, fresh.response?.output_text]).toEqual([true, ' word word']);
    expect((await ask(wallet, { text, choice: 'skip' })).isHit).toBe(false);
    expect((await ask(wallet, { text, setting: null })).isHit).toBe(false);
  });

  it('sent fifty times at once calls no provider and pays fifty times', async () => {
    const wallet = await newcomer();
    const { text } = await ask(wallet);
    await stubOf(wallet).credit({
      ...{ wallet, policy, amount: 100_000, operation_id: 'enough', reason: 'a test', reference: null },
      actor: { kind: 'admin', id: null },
    });
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(wallet, { text })));
    expect(answers.every(({ isHit }) => isHit)).toBe(true);
    expect(new Set(answers.map(({ response }) => response?.id)).size).toBe(50);
    expect(provider.asked).toBe(1);
    expect(await auditedFigures(wallet)).toMatchObject({
      ...{ consumed: 10 + 50 * 5, reserved: 0, in_flight: 0 },
    });
  });

  it('whose client has left is charged once, and holds nothing', async () => {
    const wallet = await newcomer();
    const { text } = await ask(wallet);
    const gone = new AbortController();
    gone.abort();
    await ask(wallet, { text, clientGone: gone.signal });
    expect(provider.asked).toBe(1);
    expect(await auditedFigures(wallet)).toMatchObject({ consumed: 15, reserved: 0, in_flight: 0 });
  });

  it('whose balance does not cover the kept answer asks a provider for as much as it covers', async () => {
    const [rich, poor] = [await newcomer(), await newcomer()];
    provider.answer = () => saidWords(900);
    const dear = { ...shared, price_percent: 100 };
    const { text, response } = await ask(rich, { setting: dear });
    expect(response).toMatchObject({ tokens_charged: 907, finish_reason: 'stop' });
    await stubOf(poor).adjust({
      ...{ wallet: poor, policy, amount: -300, operation_id: 'poorer', reason: 'a test', reference: null },
      actor: { kind: 'admin', id: null },
    });
    provider.answer = () => said();
    const asked = await ask(poor, { setting: dear, text });
    expect([asked.isHit, asked.response?.output_text]).toEqual([false, 'Said.']);
    const cheap = await ask(await newcomer(), { setting: { ...dear, price_percent: 50 }, text });
    expect(cheap.response).toMatchObject({ tokens_charged: 5, response_cache: { price_percent: 50 } });
    expect(await auditedFigures(poor)).toMatchObject({ consumed: 10, reserved: 0, in_flight: 0 });
  });

  it('whose output limit was fitted to the balance gets a longer kept answer if its charge is covered', async () => {
    const [rich, poor] = [await newcomer(), await newcomer()];
    provider.answer = () => saidWords(900);
    const { text } = await ask(rich, { setting: shared });
    await stubOf(poor).adjust({
      ...{ wallet: poor, policy, amount: -300, operation_id: 'poorer', reason: 'a test', reference: null },
      actor: { kind: 'admin', id: null },
    });
    const answer = await ask(poor, { setting: shared, text });
    expect(answer.response).toMatchObject({
      ...{ tokens_charged: 454, usage_source: 'reported', usage: { output_tokens: 900 } },
      response_cache: { result: 'hit' },
    });
    expect(await auditedFigures(poor)).toMatchObject({ consumed: 454, reserved: 0, in_flight: 0 });
  });
});

describe('a kept answer', () => {
  it.each<[string, (kept: Record<string, unknown>) => unknown]>([
    ['of another tenant', (kept) => ({ ...kept, tenant_id: abroad.tenant_id })],
    ['of another user', (kept) => ({ ...kept, owner: crypto.randomUUID() })],
    ['of another request', (kept) => ({ ...kept, hash: 'b'.repeat(64) })],
    ['that is expired', (kept) => ({ ...kept, kept_at_ms: Date.now() - 600_001 })],
    ['without usage', (kept) => ({ ...kept, answer: { ...(kept.answer as object), usage: null } })],
    ['of another form', (kept) => ({ ...kept, answer: 'Said.' })],
    ['that is no object', () => 'Said.'],
    ['that is too long', (kept) => ({ ...kept, more: 'x'.repeat(1_100_000) })],
  ])('%s is not given, and a new one takes its place', async (_, change) => {
    const wallet = await newcomer();
    const { text } = await ask(wallet);
    const key = await answerKeyOf(wallet);
    const kept = await (await env.OBJECTS.get(key))?.json<Record<string, unknown>>();
    await env.OBJECTS.put(key, JSON.stringify(change(kept ?? {})));
    expect((await ask(wallet, { text })).isHit).toBe(false);
    expect((await ask(wallet, { text })).isHit).toBe(true);
  });

  it('that was put in the place of another tenant is not given', async () => {
    const [wallet, stranger] = [await newcomer(), await newcomer(abroad)];
    const text = `Say ${crypto.randomUUID()}.`;
    const askedFor = async (who: WalletIdentity) => {
      const before = await keysOf(who.tenant_id, SHARED);
      await ask(who, { text, setting: shared });
      const [made] = (await keysOf(who.tenant_id, SHARED)).filter((key) => !before.includes(key));
      return made ?? '';
    };
    const [here, there] = [await askedFor(wallet), await askedFor(stranger)];
    expect((await ask(stranger, { text, setting: shared })).isHit).toBe(true);
    await env.OBJECTS.put(there, (await (await env.OBJECTS.get(here))?.text()) ?? '');
    expect((await ask(stranger, { text, setting: shared })).isHit).toBe(false);
  });

  it.each<[string, Partial<R2Bucket>]>([
    ['cannot be read', { get: () => Promise.reject(new Error('down')) }],
    ['is not read in time', { get: () => new Promise<never>(() => undefined) }],
    ['cannot be stored', { get: async () => null, put: () => Promise.reject(new Error('down')) }],
  ])('that %s costs nothing but the answer of a provider', async (_, broken) => {
    const wallet = await newcomer();
    const { text } = await ask(wallet);
    const answer = await ask(wallet, { text, changes: { objects: broken as R2Bucket } });
    expect(answer).toMatchObject({ isHit: false, response: { output_text: 'Said.', tokens_charged: 10 } });
    expect(log.warn).toHaveBeenCalled();
    expect(await auditedFigures(wallet)).toMatchObject({ consumed: 20, reserved: 0, in_flight: 0 });
  });

  it('is never one that was cut off', async () => {
    const wallet = await newcomer();
    provider.answer = () => saidWords(3, { breaksOff: true });
    const { text } = await ask(wallet);
    expect(await keysOf(wallet.tenant_id, wallet.user_id)).toEqual([]);
    provider.answer = () => said();
    expect((await ask(wallet, { text })).isHit).toBe(false);
  });
});

describe('a kept answer is deleted', () => {
  const address = () => ({ ...home, hash: crypto.randomUUID(), owner: SHARED });
  const of = () => ({ wallet: { ...home }, execution_id: crypto.randomUUID() });
  const read = ({ tenant_id, owner, hash }: ReturnType<typeof address>) =>
    readAnswer(env.OBJECTS, { tenant_id, owner, hash });

  it('with the contents of its execution, also where others get it', async () => {
    const [wallet, other] = [await newcomer(), await newcomer()];
    const first = await ask(wallet, { setting: shared });
    await arrive(wallet);
    const claims = { ...claimsOf(wallet), userId: wallet.user_id };
    const id = first.response?.id ?? '';
    const foreign = await deleteContents(dependencies(), { ...claims, userId: other.user_id }, id);
    expect(foreign).toMatchObject({ ok: false, failure: { code: 'not_found' } });
    expect((await ask(other, { setting: shared, text: first.text })).isHit).toBe(true);
    expect(await deleteContents(dependencies(), claims, id)).toEqual({ ok: true, value: null });
    expect((await ask(other, { setting: shared, text: first.text })).isHit).toBe(false);
  });

  it.each<[string, (store: () => Promise<void>, remove: () => Promise<void>) => Promise<unknown>]>([
    ['after it was stored', async (store, remove) => [await store(), await remove()]],
    ['before it is stored', async (store, remove) => [await remove(), await store()]],
    ['at the moment in which it is stored', (store, remove) => Promise.all([store(), remove()])],
  ])('%s', async (_, inOrder) => {
    for (let times = 0; times < 10; times++) {
      const [where, which] = [address(), of()];
      await inOrder(
        () => storeAnswer(env.OBJECTS, where, 'kept', which),
        () => deleteAnswer(env.OBJECTS, which.wallet, which.execution_id),
      );
      expect(await read(where)).toBeNull();
    }
  });

  it('with its user, and with its tenant, and no other is', async () => {
    const [user, colleague] = [await newcomer(), await newcomer()];
    const stranger = await newcomer(abroad);
    const store = async (wallet: WalletIdentity, owner: string) => {
      const where = { tenant_id: wallet.tenant_id, owner, hash: crypto.randomUUID(), user_id: '' };
      await storeAnswer(env.OBJECTS, where, 'kept', { wallet, execution_id: crypto.randomUUID() });
      return where;
    };
    const [theirs, given] = [await store(user, user.user_id), await store(user, SHARED)];
    const [others, foreign] = [await store(colleague, SHARED), await store(stranger, stranger.user_id)];
    await deleteUserAnswers(env.OBJECTS, user);
    expect([await read(theirs), await read(given)]).toEqual([null, null]);
    expect(await keysOf(user.tenant_id, user.user_id)).toEqual([]);
    expect(await read(others)).toBe('kept');
    await deleteUnder(env.OBJECTS, tenantPrefix('answers', home.tenant_id), 1);
    expect(await keysOf(home.tenant_id)).toEqual([]);
    expect(await read(foreign)).toBe('kept');
  });

  it('with a tenant whose grace period is over, before its rows, so that a bucket that fails is tried again', async () => {
    const tenant_id = crypto.randomUUID();
    await asOwner(
      sql`insert into tenants (id, slug, name, primary_color, status, deletion_due_at)
        values (${tenant_id}, ${`t-${tenant_id}`}, 'Gone', '#123456', 'deleting', now())`,
    );
    const key = `${tenantPrefix('answers', tenant_id)}${SHARED}/a`;
    await env.OBJECTS.put(key, 'kept');
    const { database } = dependencies();
    const statusOf = async () =>
      (await asOwner(sql`select status from tenants where id = ${tenant_id}`))[0]?.[0]?.status;
    const failing = { list: () => Promise.reject(new Error('down')) } as unknown as R2Bucket;
    await eraseDueTenants({ database, objects: failing }, log);
    expect([await statusOf(), await keysOf(tenant_id)]).toEqual(['deleting', [key]]);
    await eraseDueTenants({ database, objects: env.OBJECTS }, log);
    expect([await statusOf(), await keysOf(tenant_id)]).toEqual(['deleted', []]);
  });

  it('page by page, if there are many', async () => {
    const user = await newcomer(abroad);
    for (let made = 0; made < 510; made += 30)
      await Promise.all(
        Array.from({ length: 30 }, () =>
          env.OBJECTS.put(
            `${tenantPrefix('answers', user.tenant_id)}${user.user_id}/${crypto.randomUUID()}`,
            '',
          ),
        ),
      );
    await deleteUserAnswers(env.OBJECTS, user);
    expect(await keysOf(user.tenant_id, user.user_id)).toEqual([]);
  });
});
