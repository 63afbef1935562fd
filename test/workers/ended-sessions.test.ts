import { env, runInDurableObject } from 'cloudflare:test';
import { expect, it } from 'vitest';
import type { EndedSession } from '../../contracts/wallet/ended-session.ts';
import { newIdentity, objectName, policy, reserveCommandOf } from './wallet/wallet-commands.ts';

const ISSUED_S = 1_000;
const revoked = { ok: false, code: 'session_revoked' };

const newSession = (issued_at_s = ISSUED_S): EndedSession => ({
  id: crypto.randomUUID(),
  issued_at_s,
  expires_at_s: 8_000_000_000,
});

function newWallet() {
  const wallet = newIdentity();
  const stub = env.WALLET.getByName(objectName(wallet));
  const read = (session: EndedSession) =>
    stub.read({ wallet, policy, session_issued_at_s: session.issued_at_s, session_id: session.id });
  return { wallet, stub, read };
}

it('an ended session can neither read the wallet nor spend from it; another one can', async () => {
  const { wallet, stub, read } = newWallet();
  const [ended, other] = [newSession(), newSession()];
  expect(await read(ended)).toMatchObject({ ok: true });
  expect(await stub.endSession({ wallet, session: ended })).toEqual({ ok: true });
  const reserve = (session: EndedSession) =>
    stub.reserve({ ...reserveCommandOf(wallet, 10), session_id: session.id });
  expect([await read(ended), await reserve(ended)]).toEqual([revoked, revoked]);
  expect(await read(other)).toMatchObject({ ok: true });
  expect(await reserve(other)).toMatchObject({ ok: true });
});

it('an end outlives the object that was told, and may be told twice', async () => {
  const { wallet, stub } = newWallet();
  const ended = newSession();
  await stub.endSession({ wallet, session: ended });
  await stub.endSession({ wallet, session: ended });
  const kept = await runInDurableObject(stub, (_, { storage }) => storage.kv.get('ended-sessions'));
  expect(kept).toEqual([ended]);
  await runInDurableObject(stub, (_, state) => state.abort('evicted by a test')).catch(() => undefined);
  const again = env.WALLET.getByName(objectName(wallet));
  expect(await again.read({ wallet, policy, session_issued_at_s: ISSUED_S, session_id: ended.id })).toEqual(
    revoked,
  );
  expect(await again.read({ wallet, policy, session_issued_at_s: null })).toMatchObject({ ok: true });
});

it('forgets an end when the session has expired by itself', async () => {
  const { wallet, stub } = newWallet();
  const past = { ...newSession(), expires_at_s: 2_000 };
  await stub.endSession({ wallet, session: past });
  const kept = await runInDurableObject(stub, (_, { storage }) => storage.kv.get('ended-sessions'));
  expect(kept).toEqual([]);
});

it('revokes everything up to the oldest session, when there are too many ends to remember', async () => {
  const { wallet, stub, read } = newWallet();
  const ended = Array.from({ length: 201 }, (_, i) => newSession(ISSUED_S + i));
  for (const session of ended) await stub.endSession({ wallet, session });
  expect(await Promise.all(ended.map(read))).toEqual(ended.map(() => revoked));
  expect(await read(newSession(ISSUED_S))).toEqual(revoked);
  expect(await read(newSession(ISSUED_S + 1))).toMatchObject({ ok: true });
});
