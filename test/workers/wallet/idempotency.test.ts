import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, expect, it } from 'vitest';
import { KEPT_ANSWER_MAX } from '../../../contracts/api/executions.ts';
import type { WalletIdentity } from '../../../contracts/wallet/journal.ts';
import type { Wallet } from '../../../durable-objects/wallet/wallet.ts';
import { changeReservations } from './stored-wallet.ts';
import { newIdentity, objectName, outcomeOf, policy, reserveCommandOf } from './wallet-commands.ts';

let wallet: WalletIdentity;
let stub: DurableObjectStub<Wallet>;

beforeEach(() => {
  wallet = newIdentity();
  stub = env.WALLET.getByName(objectName(wallet));
});

const reserve = (key: string, fingerprint = 'one request', id?: string) =>
  stub.reserve({ ...reserveCommandOf(wallet, 100, id), idempotency: { key, fingerprint } });

const audit = async () => {
  const answer = await stub.audit({ wallet });
  return answer.ok ? answer.audit : null;
};

it('fifty calls at once with one Idempotency-Key make one reservation', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => reserve('key')));
  expect(answers.filter(({ ok }) => ok).length).toBe(1);
  const others = answers.filter(({ ok }) => !ok);
  expect(new Set(others.map((answer) => !answer.ok && answer.code))).toEqual(new Set(['already_running']));
  expect(await audit()).toMatchObject({ held: { reservations: 1, lifetime: 100 } });
});

it('once charged the key stands for the answer, though the object was evicted', async () => {
  const id = crypto.randomUUID();
  await reserve('key', 'one request', id);
  await stub.settle({ wallet, amount: 40, outcome: outcomeOf(id), answer: '{"text":"42"}' });
  await evictDurableObject(stub);
  expect(await reserve('key')).toEqual({
    ok: false,
    code: 'already_done',
    execution_id: id,
    answer: '{"text":"42"}',
    available: 960,
  });
  expect(await audit()).toMatchObject({ figures: { consumed: 40, in_flight: 0 } });
});

it('an answer too large to keep leaves the key done, without it', async () => {
  const id = crypto.randomUUID();
  await reserve('key', 'one request', id);
  const tooLong = 'x'.repeat(KEPT_ANSWER_MAX + 1);
  const settlement = { wallet, amount: 40, outcome: outcomeOf(id) };
  expect(await stub.settle({ ...settlement, answer: tooLong })).toMatchObject({ code: 'invalid_command' });
  await stub.settle(settlement);
  expect(await reserve('key')).toMatchObject({ code: 'already_done', answer: null });
});

it('a deleted answer leaves the key done, without it, whether it was deleted before the end or after', async () => {
  const [after, before] = [crypto.randomUUID(), crypto.randomUUID()];
  const settle = (id: string) =>
    stub.settle({ wallet, amount: 40, outcome: outcomeOf(id), answer: '{"text":"42"}' });
  await reserve('one', 'one request', after);
  await settle(after);
  await stub.forgetAnswer({ wallet, execution_id: after });
  await reserve('other', 'one request', before);
  await stub.forgetAnswer({ wallet, execution_id: before });
  await settle(before);
  await evictDurableObject(stub);
  for (const key of ['one', 'other'])
    expect(await reserve(key)).toMatchObject({ code: 'already_done', answer: null });
  const texts = await runInDurableObject(stub, (_: Wallet, { storage }) =>
    storage.sql
      .exec('select json from idempotency')
      .toArray()
      .map(({ json }) => String(json)),
  );
  expect(texts.filter((text) => !text.includes('"answer":null'))).toEqual([]);
});

it('forgetting the answer of an execution that came without a key, or never, changes nothing', async () => {
  expect(await stub.forgetAnswer({ wallet, execution_id: crypto.randomUUID() })).toEqual({ ok: true });
  expect(await audit()).toBeNull();
});

it('the key of an execution that was not charged may be tried again', async () => {
  const id = crypto.randomUUID();
  await reserve('key', 'one request', id);
  await stub.release({ wallet, outcome: outcomeOf(id, 'failed') });
  expect(await reserve('key')).toMatchObject({ ok: true });
});

it('the key of an execution that expired may be tried again', async () => {
  await reserve('key');
  await changeReservations(stub, () => ({ expires_at_ms: 1 }));
  await runDurableObjectAlarm(stub);
  expect(await reserve('key')).toMatchObject({ ok: true });
});

it('the key with another request is refused, running or done', async () => {
  const id = crypto.randomUUID();
  await reserve('key', 'one request', id);
  const mismatch = { ok: false, code: 'idempotency_mismatch' };
  expect(await reserve('key', 'another request')).toEqual(mismatch);
  await stub.settle({ wallet, amount: 40, outcome: outcomeOf(id), answer: '1' });
  expect(await reserve('key', 'another request')).toEqual(mismatch);
});

it('a refused reserve claims no key', async () => {
  const command = { ...reserveCommandOf(wallet, 1_001), idempotency: { key: 'key', fingerprint: 'f' } };
  expect(await stub.reserve(command)).toMatchObject({ code: 'insufficient_balance' });
  expect(await reserve('key')).toMatchObject({ ok: true });
});

it('a revoked session is told so, and not what its key stands for', async () => {
  const id = crypto.randomUUID();
  await reserve('key', 'one request', id);
  await stub.settle({ wallet, amount: 40, outcome: outcomeOf(id), answer: 'secret' });
  await stub.revokeSessions({ wallet, issued_before_s: 1_000 });
  expect(await reserve('key')).toEqual({ ok: false, code: 'session_revoked' });
});

it('a key is kept for a day, and then stands for nothing, also before it is forgotten', async () => {
  const id = crypto.randomUUID();
  await reserve('key', 'one request', id);
  await stub.settle({ wallet, amount: 40, outcome: outcomeOf(id), answer: '1' });
  const age = (ms: number) =>
    runInDurableObject(stub, (_: Wallet, { storage }) => {
      storage.sql.exec('update idempotency set expires_at_ms = expires_at_ms - ?', ms);
      return storage.setAlarm(Date.now() + 60_000);
    });
  await age(86_000_000);
  await runDurableObjectAlarm(stub);
  expect(await reserve('key')).toMatchObject({ code: 'already_done' });
  await age(500_000);
  expect(await reserve('key')).toMatchObject({ ok: true });
});

it('work in the background may hold for longer than the policy says, and never for less', async () => {
  const deadlineOf = async (lifetime_ms: number) => {
    const answer = await stub.reserve({ ...reserveCommandOf(wallet, 1), lifetime_ms });
    return answer.ok ? answer.expires_at_ms - Date.now() : 0;
  };
  expect(await deadlineOf(3_600_000)).toBeGreaterThan(3_590_000);
  expect(await deadlineOf(1_000)).toBeGreaterThan(policy.reservation_lifetime_ms - 10_000);
});
