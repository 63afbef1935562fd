import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import type { WalletIdentity } from '../../../contracts/wallet/journal.ts';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import type { Wallet } from '../../../durable-objects/wallet/wallet.ts';
import { changeReservations, segmentsOf } from './stored-wallet.ts';
import { newIdentity, objectName, outcomeOf, policy, reserveCommandOf } from './wallet-commands.ts';

let wallet: WalletIdentity;
let stub: DurableObjectStub<Wallet>;

beforeEach(() => {
  wallet = newIdentity();
  stub = env.WALLET.getByName(objectName(wallet));
});

const reserve = (amount: number, changes: Partial<WalletPolicy> = {}) =>
  stub.reserve(reserveCommandOf(wallet, amount, undefined, changes));

async function view() {
  const answer = await stub.read({ wallet, policy, session_issued_at_s: null });
  if (!answer.ok) throw new Error(answer.code);
  return answer.view;
}

describe('a changed policy that an administrator brings', () => {
  it('holds from the next reserve on, whatever the caller still believes', async () => {
    expect(await reserve(100)).toMatchObject({ ok: true });
    expect(await stub.adoptPolicy({ wallet, policy: { ...policy, version: 9, in_flight_max: 1 } })).toEqual({
      ok: true,
    });
    expect(await reserve(100)).toEqual({ ok: false, code: 'too_many_in_flight', in_flight_max: 1 });
  });

  it('gives way to none that is older, in whichever order they arrive', async () => {
    await stub.adoptPolicy({ wallet, policy: { ...policy, version: 9, allocation_tokens: 70 } });
    await stub.adoptPolicy({ wallet, policy: { ...policy, version: 8, allocation_tokens: 7_000 } });
    expect((await view()).granted).toBe(70);
  });

  it('is remembered by a wallet nobody has used, which stays unopened until somebody does', async () => {
    await stub.adoptPolicy({ wallet, policy: { ...policy, version: 9, allocation_tokens: 70 } });
    const { audit } = (await stub.audit({ wallet })) as { audit: { seq: number } };
    expect(audit.seq).toBe(0);
    await evictDurableObject(stub);
    expect(await reserve(71)).toMatchObject({ ok: false, code: 'insufficient_balance', limit: 70 });
  });
});

describe('a disabled user', () => {
  it('reserves and reads no more, and does again once enabled; news that comes late changes nothing', async () => {
    await stub.setStanding({ wallet, status: 'disabled', version: 5 });
    expect(await reserve(1)).toEqual({ ok: false, code: 'user_disabled' });
    expect(await stub.read({ wallet, policy, session_issued_at_s: 2_000 })).toEqual({
      ok: false,
      code: 'user_disabled',
    });
    await stub.setStanding({ wallet, status: 'active', version: 6 });
    await stub.setStanding({ wallet, status: 'disabled', version: 5 });
    await evictDurableObject(stub);
    expect(await reserve(1)).toMatchObject({ ok: true });
  });

  it('gets no more time for what is running, but is charged for it as it ends', async () => {
    const id = crypto.randomUUID();
    await stub.reserve(reserveCommandOf(wallet, 100, id));
    await stub.setStanding({ wallet, status: 'disabled', version: 5 });
    expect(await stub.extend({ wallet, execution_id: id })).toEqual({ ok: false, code: 'user_disabled' });
    expect(await stub.settle({ wallet, amount: 40, outcome: outcomeOf(id) })).toMatchObject({
      ok: true,
      settled: 40,
    });
  });

  it('is still looked at by administrators, who have no session there', async () => {
    await stub.setStanding({ wallet, status: 'disabled', version: 5 });
    expect((await view()).available).toBe(1_000);
  });
});

describe('an API key', () => {
  const noLimits = {
    version: 1,
    requests_per_minute: null,
    tokens_per_minute: null,
    monthly_budget_tokens: null,
  };

  const reserveWith = (id: string, amount: number, limits: object = {}, executionId?: string) => {
    const command = reserveCommandOf(wallet, amount, executionId);
    return stub.reserve({
      ...command,
      session_issued_at_s: null,
      key: { id, ...noLimits, ...limits },
      execution: { ...command.execution, api_key_id: id },
    });
  };

  it('that was revoked reserves no more, while other keys and sessions do', async () => {
    const [revoked, other] = [crypto.randomUUID(), crypto.randomUUID()];
    expect(await reserveWith(revoked, 1)).toMatchObject({ ok: true });
    await stub.revokeKey({ wallet, api_key_id: revoked });
    await stub.revokeKey({ wallet, api_key_id: revoked });
    await evictDurableObject(stub);
    expect(await reserveWith(revoked, 1)).toEqual({ ok: false, code: 'api_key_revoked' });
    expect(await reserveWith(other, 1)).toMatchObject({ ok: true });
    expect(await reserve(1)).toMatchObject({ ok: true });
  });

  it('that was revoked gets no more time for what it began, which is charged as it ends', async () => {
    const [revoked, other] = [crypto.randomUUID(), crypto.randomUUID()];
    const [its, others] = [crypto.randomUUID(), crypto.randomUUID()];
    await reserveWith(revoked, 100, {}, its);
    await reserveWith(other, 100, {}, others);
    await stub.revokeKey({ wallet, api_key_id: revoked });
    expect(await stub.extend({ wallet, execution_id: its })).toEqual({ ok: false, code: 'api_key_revoked' });
    expect(await stub.extend({ wallet, execution_id: others })).toMatchObject({ ok: true });
    expect(await stub.settle({ wallet, amount: 40, outcome: outcomeOf(its) })).toMatchObject({
      ok: true,
      settled: 40,
    });
  });

  it('that was revoked before its first use never has one', async () => {
    const revoked = crypto.randomUUID();
    await stub.revokeKey({ wallet, api_key_id: revoked });
    expect(await reserveWith(revoked, 1)).toEqual({ ok: false, code: 'api_key_revoked' });
  });

  it('spends no more than its monthly budget, counted exactly across settlements, releases and evictions', async () => {
    const id = crypto.randomUUID();
    const budget = { monthly_budget_tokens: 500 };
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
    expect(await reserveWith(id, 300, budget, first)).toMatchObject({ ok: true });
    expect(await reserveWith(id, 200, budget, second)).toMatchObject({ ok: true });
    expect(await reserveWith(id, 1, budget)).toMatchObject({
      code: 'insufficient_balance',
      scope: 'api_key_month',
    });
    await stub.settle({ wallet, amount: 100, outcome: outcomeOf(first) });
    await stub.release({ wallet, outcome: outcomeOf(second, 'failed') });
    await evictDurableObject(stub);
    expect(await reserveWith(id, 401, budget)).toMatchObject({
      limit: 500,
      used: 100,
      reserved: 0,
      available: 400,
    });
    expect(await reserveWith(id, 400, budget)).toMatchObject({ ok: true });
  });

  it('gives back what it held when its execution expires', async () => {
    const id = crypto.randomUUID();
    await reserveWith(id, 500, { monthly_budget_tokens: 500 });
    await changeReservations(stub, () => ({ expires_at_ms: 1 }));
    await runDurableObjectAlarm(stub);
    expect(await reserveWith(id, 500, { monthly_budget_tokens: 500 })).toMatchObject({ ok: true });
  });

  it('obeys limits that an administrator brings, whatever the caller still believes', async () => {
    const id = crypto.randomUUID();
    const limits = { id, ...noLimits, version: 9, requests_per_minute: 1 };
    await stub.setKeyLimits({ wallet, limits });
    expect(await reserveWith(id, 1)).toMatchObject({ ok: true });
    expect(await reserveWith(id, 1)).toMatchObject({ code: 'rate_limited', limit: 'requests_per_minute' });
  });

  it('obeys them for as long as caches may believe others, though it was never used before', async () => {
    const id = crypto.randomUUID();
    const limits = { id, ...noLimits, version: 9, monthly_budget_tokens: 10 };
    await stub.setKeyLimits({ wallet, limits });
    expect(await reserve(1)).toMatchObject({ ok: true });
    await runDurableObjectAlarm(stub);
    expect(await reserveWith(id, 11)).toMatchObject({ code: 'insufficient_balance', scope: 'api_key_month' });
  });

  it('is refused when the execution names another', async () => {
    const command = reserveCommandOf(wallet, 1);
    const key = { id: crypto.randomUUID(), ...noLimits };
    expect(await stub.reserve({ ...command, key })).toEqual({ ok: false, code: 'invalid_command' });
  });
});

describe('an extension', () => {
  const deadlines = async () =>
    (await segmentsOf(stub)).flatMap(({ reservations }) =>
      reservations.map(({ expires_at_ms }) => expires_at_ms),
    );

  /** Makes a hold look as if it had been made `ageMs` ago. */
  const age = (ageMs: number) =>
    changeReservations(stub, ({ expires_at_ms, reserved_at_ms }) => ({
      expires_at_ms: expires_at_ms - ageMs,
      reserved_at_ms: reserved_at_ms - ageMs,
    }));

  it('moves the deadline a whole lifetime from now, and the alarm obeys the new one', async () => {
    const id = crypto.randomUUID();
    await stub.reserve(reserveCommandOf(wallet, 100, id));
    await age(50_000);
    const extended = await stub.extend({ wallet, execution_id: id });
    if (!extended.ok) throw new Error(extended.code);
    expect(extended.expires_at_ms - Date.now()).toBeGreaterThan(55_000);
    expect(await deadlines()).toEqual([extended.expires_at_ms]);
    await runDurableObjectAlarm(stub);
    expect((await view()).in_flight).toBe(1);
  });

  it('never reaches further than an hour after the reserve', async () => {
    const id = crypto.randomUUID();
    await stub.reserve(reserveCommandOf(wallet, 100, id));
    await age(3_590_000);
    const extended = await stub.extend({ wallet, execution_id: id });
    if (!extended.ok) throw new Error(extended.code);
    expect(extended.expires_at_ms - Date.now()).toBeLessThanOrEqual(10_000);
  });

  it('of a hold that ended, or never was, is told so', async () => {
    const id = crypto.randomUUID();
    expect(await stub.extend({ wallet, execution_id: id })).toEqual({
      ok: false,
      code: 'reservation_not_found',
    });
    await stub.reserve(reserveCommandOf(wallet, 100, id));
    await stub.release({ wallet, outcome: outcomeOf(id, 'failed') });
    expect(await stub.extend({ wallet, execution_id: id })).toEqual({
      ok: false,
      code: 'reservation_released',
    });
  });
});
