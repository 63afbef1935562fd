import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { WalletIdentity } from '../../../contracts/wallet/journal.ts';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import { objectName, outcomeOf, policy, reserveCommandOf } from './wallet-commands.ts';

/** The budget of a tenant, leased by the wallets of its users, in workerd. */

const prepaid: WalletPolicy = { ...policy, allocation_tokens: 0, in_flight_max: 10_000 };

let tenant: WalletIdentity;
const tenantWallet = () => env.TENANT_WALLET.getByName(objectName(tenant));
const newUser = (): WalletIdentity => ({ tenant_id: tenant.tenant_id, user_id: crypto.randomUUID() });
const walletOf = (user: WalletIdentity) => env.WALLET.getByName(objectName(user));

async function setBalance(balance: number, changes: Partial<WalletPolicy> = {}) {
  const answer = await tenantWallet().setBudget({
    wallet: tenant,
    policy: { ...prepaid, ...changes },
    operation_id: crypto.randomUUID(),
    balance,
    actor: { kind: 'system', id: null },
    reason: 'A test',
  });
  return answer;
}

async function budget(asks_wallets = false) {
  const answer = await tenantWallet().readBudget({ wallet: tenant, policy: prepaid, asks_wallets });
  if (!answer.ok) throw new Error(answer.code);
  return answer.budget;
}

/** Reserves for an execution that can cost the tenant `amount`. */
const reserve = (user: WalletIdentity, amount: number, id: string = crypto.randomUUID()) =>
  walletOf(user).reserve({ ...reserveCommandOf(user, 1, id), wholesale: { amount, policy: prepaid } });

const settle = (user: WalletIdentity, id: string, wholesale_micro_usd: number) =>
  walletOf(user).settle({ wallet: user, amount: 1, outcome: { ...outcomeOf(id), wholesale_micro_usd } });

/** Runs an execution that can cost `bound` and costs `cost`. Returns the code of its refusal, or `ok`. */
async function execute(user: WalletIdentity, bound: number, cost = bound): Promise<string> {
  const id = crypto.randomUUID();
  const reserved = await reserve(user, bound, id);
  if (!reserved.ok) return reserved.code;
  const settled = await settle(user, id, cost);
  return settled.ok ? 'ok' : settled.code;
}

beforeEach(() => {
  const tenant_id = crypto.randomUUID();
  tenant = { tenant_id, user_id: tenant_id };
});

describe('a prepaid budget', () => {
  it('refuses everything before it is set', async () => {
    expect(await execute(newUser(), 1)).toBe('tenant_budget');
    expect(await budget()).toMatchObject({ balance: 0, leased: 0, spent: 0 });
  });

  it('pays for executions until its last micro-dollar', async () => {
    await setBalance(1_000);
    const user = newUser();
    for (let turn = 0; turn < 9; turn += 1) expect(await execute(user, 110)).toBe('ok');
    expect(await execute(user, 11)).toBe('tenant_budget');
    expect(await execute(user, 10)).toBe('ok');
    expect(await execute(user, 1)).toBe('tenant_budget');
    expect(await execute(user, 0)).toBe('ok');
    expect(await budget(true)).toMatchObject({ balance: 0, available: 0, leased: 0, spent: 1_000 });
  });

  it('is not passed by 200 parallel executions of 50 users, and pays for as many as it can', async () => {
    await setBalance(10_000);
    const users = Array.from({ length: 50 }, newUser);
    const runs = Array.from({ length: 200 }, (_, run) =>
      execute(users[run % 50] as WalletIdentity, 1_000, 900),
    );
    const answers = await Promise.all(runs);
    const paid = answers.filter((answer) => answer === 'ok').length;
    expect(paid).toBeGreaterThan(0);
    expect(answers.filter((answer) => answer !== 'ok' && answer !== 'tenant_budget')).toEqual([]);
    const after = await budget(true);
    expect(after.spent).toBe(paid * 900);
    expect(after.balance).toBe(10_000 - paid * 900);
    // Whoever asks again spends what came back, down to less than one execution can cost. After a recall that brought nothing, the next
    // one waits a moment.
    const spendWhatCameBack = async () => {
      for (const user of users) while ((await execute(user, 1_000, 900)) === 'ok');
      const left = await budget(true);
      expect(left.balance).toBeLessThan(1_000);
      return left;
    };
    const end = await vi.waitFor(spendWhatCameBack, { timeout: 20_000, interval: 100 });
    expect(end.spent % 900).toBe(0);
  });

  it('takes back what another user has leased and does not use', async () => {
    await setBalance(1_000);
    const [one, other] = [newUser(), newUser()];
    const id = crypto.randomUUID();
    await reserve(one, 900, id);
    expect(await reserve(other, 200)).toEqual({
      ...{ ok: false, code: 'tenant_budget' },
      ...{ covered: 100, covered_alone: 1_000 },
    });
    await settle(one, id, 100);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await execute(other, 900)).toBe('ok');
    expect(await budget(true)).toMatchObject({ spent: 1_000, balance: 0 });
  });

  it('that is spent is refused for good while nothing runs, whoever spent it', async () => {
    await setBalance(1_000);
    const [one, other] = [newUser(), newUser()];
    while ((await execute(one, 110)) === 'ok');
    const isPayable = async (user: WalletIdentity, amount: number) => {
      const answer = await reserve(user, amount);
      return answer.ok || ('covered_alone' in answer && answer.covered_alone >= amount);
    };
    expect(await isPayable(one, 110)).toBe(false);
    expect(await isPayable(other, 110)).toBe(false);
    const id = crypto.randomUUID();
    await reserve(one, 10, id);
    expect(await isPayable(one, 10)).toBe(true);
    expect(await isPayable(one, 11)).toBe(false);
  });

  it('tells a refused execution what it could hold, without what its own user has spent', async () => {
    await setBalance(1_000);
    const user = newUser();
    expect(await execute(user, 700, 600)).toBe('ok');
    await reserve(user, 250);
    const refused = await reserve(user, 500);
    expect(refused).toEqual({ ok: false, code: 'tenant_budget', covered: 150, covered_alone: 400 });
    expect((await reserve(user, 150)).ok).toBe(true);
  });

  it('tells an execution that asks for more how far its hold can grow, if the budget is hard', async () => {
    await setBalance(1_000);
    const user = newUser();
    expect(await reserve(user, 300)).toMatchObject({ ok: true, tenant_left: 700 });
    await setBalance(1_000, { enforcement: 'warn', version: 2 });
    expect(await reserve(newUser(), 300)).toMatchObject({ ok: true, tenant_left: null });
  });

  it('is not asked by an execution that the lease covers, so that it is not told', async () => {
    await setBalance(1_000_000);
    const user = newUser();
    await execute(user, 1_000);
    await execute(user, 1_000);
    expect(await reserve(user, 10)).toMatchObject({ ok: true, tenant_left: null });
  });

  it('is asked once for many executions', async () => {
    await setBalance(1_000_000);
    const user = newUser();
    for (let turn = 0; turn < 40; turn += 1) await execute(user, 10);
    const entries = await runInDurableObject(tenantWallet(), ({ processor }) =>
      processor.store.entriesOf({ first: 1, last: 1_000 }),
    );
    expect(entries.filter(({ kind }) => kind === 'reserve')).toHaveLength(1);
  });

  it('cannot be set below what is leased', async () => {
    await setBalance(1_000);
    const user = newUser();
    await reserve(user, 300);
    expect(await setBalance(299)).toEqual({
      ok: false,
      code: 'budget_below_leased',
      leased: expect.any(Number),
    });
    const { leased } = await budget();
    expect(await setBalance(leased)).toMatchObject({ ok: true, budget: { balance: leased, available: 0 } });
  });
});

describe('a crash', () => {
  it('of any wallet at any time loses nothing and overspends nothing', async () => {
    await setBalance(5_000);
    const users = Array.from({ length: 5 }, newUser);
    let paid = 0;
    for (let round = 0; round < 4; round += 1) {
      const runs = users.flatMap((user) => [execute(user, 200, 150), execute(user, 200, 150)]);
      const victim = round % 2 === 0 ? tenantWallet() : walletOf(users[round % 5] as WalletIdentity);
      await evictDurableObject(victim).catch(() => {});
      paid += (await Promise.allSettled(runs)).filter(
        (run) => run.status === 'fulfilled' && run.value === 'ok',
      ).length;
    }
    const after = await budget(true);
    expect(after.spent).toBeLessThanOrEqual(5_000);
    expect(after.spent).toBeGreaterThanOrEqual(paid * 150);
    expect(after.balance + after.spent).toBe(5_000);
  });
});

describe('a suspended tenant', () => {
  it('begins no execution, not even one that costs it nothing, and finishes those that run', async () => {
    await setBalance(1_000);
    const [running, idle] = [newUser(), newUser()];
    const id = crypto.randomUUID();
    await reserve(running, 100, id);
    await execute(idle, 10);
    await tenantWallet().setTenantStanding({ wallet: tenant, status: 'suspended', version: 1 });
    for (const user of [running, idle, newUser()]) expect(await execute(user, 0)).toBe('tenant_suspended');
    expect(await settle(running, id, 100)).toMatchObject({ ok: true });
    await tenantWallet().setTenantStanding({ wallet: tenant, status: 'active', version: 2 });
    for (const user of [running, idle]) expect(await execute(user, 10)).toBe('ok');
    expect(await budget(true)).toMatchObject({ spent: 130, balance: 870 });
  });
});

describe('a monthly budget', () => {
  it('is limited by what this month has spent', async () => {
    const monthly = { version: 2, mode: 'monthly', allocation_tokens: 500 } as const;
    const set = (limit: number, version: number) =>
      tenantWallet().setBudget({
        wallet: tenant,
        policy: { ...prepaid, ...monthly, allocation_tokens: limit, version },
        operation_id: crypto.randomUUID(),
        balance: null,
        actor: { kind: 'system', id: null },
        reason: 'A test',
      });
    await set(500, 2);
    const user = newUser();
    expect(await execute(user, 400)).toBe('ok');
    expect(await execute(user, 200)).toBe('tenant_budget');
    expect(await set(700, 3)).toMatchObject({ ok: true, budget: { balance: 300 } });
    expect(await execute(user, 200)).toBe('ok');
    expect(await set(100, 4)).toMatchObject({ ok: true, budget: { balance: 0, spent_this_period: 600 } });
    expect(await execute(user, 1)).toBe('tenant_budget');
  });
});
