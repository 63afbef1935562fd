import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  type EndedExecution,
  type LiveWalletMessage,
  liveWalletMessage,
  type WalletView,
} from '../../../contracts/api/wallet.ts';
import type { WalletIdentity } from '../../../contracts/wallet/journal.ts';
import { SUBSCRIPTION_HEADER } from '../../../contracts/wallet/wallet-subscription.ts';
import type { Wallet } from '../../../durable-objects/wallet/wallet.ts';
import { changeReservations } from './stored-wallet.ts';
import { newIdentity, objectName, outcomeOf, policy, reserveCommandOf } from './wallet-commands.ts';

let wallet: WalletIdentity;
let stub: DurableObjectStub<Wallet>;
const listeners: Listener[] = [];

beforeEach(() => {
  wallet = newIdentity();
  stub = env.WALLET.getByName(objectName(wallet));
});
afterEach(() => {
  for (const listener of listeners.splice(0)) listener.socket.close();
});

const NOW_S = Math.floor(Date.now() / 1_000);
const session = { issued_at_s: NOW_S, expires_at_s: NOW_S + 3_600 };

/** A browser's end of the socket, with everything it heard. */
class Listener {
  readonly socket: WebSocket;
  readonly heard: WalletView[] = [];
  readonly ended: EndedExecution[] = [];
  readonly texts: string[] = [];
  closed: { code: number; reason: string } | undefined;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => {
      if (data === 'pong') this.texts.push(data);
      else this.#hear(liveWalletMessage.parse(JSON.parse(String(data))));
    });
    socket.addEventListener('close', ({ code, reason }) => {
      this.closed = { code, reason };
    });
    socket.accept();
    listeners.push(this);
  }

  #hear(message: LiveWalletMessage): void {
    if (message.type === 'wallet') this.heard.push(message.wallet);
    else this.ended.push(message.execution);
  }

  get available() {
    return this.heard.at(-1)?.available;
  }
}

const handshake = (subscription: unknown, upgrade = 'websocket') =>
  stub.fetch('https://wallet.invalid/live', {
    headers: {
      upgrade,
      ...(subscription === undefined ? {} : { [SUBSCRIPTION_HEADER]: JSON.stringify(subscription) }),
    },
  });

type Ticket = { id: string; expires_at_s: number };

async function listen(
  changes: Partial<typeof session> = {},
  ticket: Ticket | null = null,
): Promise<Listener> {
  const response = await handshake({ wallet, policy, session: { ...session, ...changes }, ticket });
  expect(response.status).toBe(101);
  if (response.webSocket === null) throw new Error('A handshake answers a socket');
  return new Listener(response.webSocket);
}

const soon = (check: () => void) => expect.poll(() => check(), { timeout: 2_000 });

it('tells the wallet at once, and after every change', async () => {
  const browser = await listen();
  await soon(() => browser.available).toBe(1_000);
  const id = crypto.randomUUID();
  await stub.reserve(reserveCommandOf(wallet, 300, id));
  await soon(() => browser.available).toBe(700);
  await stub.settle({ wallet, amount: 100, outcome: outcomeOf(id) });
  await soon(() => browser.available).toBe(900);
});

it('tells every listener what an alarm changed', async () => {
  const browsers = [await listen(), await listen()];
  await stub.reserve(reserveCommandOf(wallet, 300));
  await changeReservations(stub, () => ({ expires_at_ms: 1 }));
  await runDurableObjectAlarm(stub);
  for (const browser of browsers) await soon(() => browser.available).toBe(1_000);
});

it('tells each execution that has ended, once, when its record can be read', async () => {
  const browser = await listen();
  const [charged, cancelled, running] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  for (const id of [charged, cancelled, running]) await stub.reserve(reserveCommandOf(wallet, 100, id));
  await stub.settle({ wallet, amount: 40, outcome: outcomeOf(charged) });
  await stub.release({ wallet, outcome: outcomeOf(cancelled, 'cancelled') });
  await soon(() => browser.available).toBe(1_000 - 40 - 100);
  expect(browser.ended).toEqual([]);
  const { seq } = browser.heard.at(-1) ?? { seq: 0 };
  await stub.confirm({ wallet, first_seq: 1, last_seq: seq - 1 });
  await stub.confirm({ wallet, first_seq: 1, last_seq: seq });
  await soon(() => browser.ended).toEqual([
    { id: charged, status: 'succeeded', tokens_charged: 40 },
    { id: cancelled, status: 'cancelled', tokens_charged: 0 },
  ]);
});

it('goes on after the object was evicted: the sockets hibernate', async () => {
  const browser = await listen();
  await soon(() => browser.available).toBe(1_000);
  await evictDurableObject(stub);
  await stub.reserve(reserveCommandOf(wallet, 300));
  await soon(() => browser.available).toBe(700);
});

it('says nothing when nothing changed', async () => {
  const browser = await listen();
  await soon(() => browser.available).toBe(1_000);
  const before = browser.heard.length;
  await stub.reserve(reserveCommandOf(wallet, 5_000));
  await stub.audit({ wallet });
  await stub.reserve(reserveCommandOf(wallet, 1));
  await soon(() => browser.available).toBe(999);
  expect(browser.heard.length).toBe(before + 1);
});

it('answers a ping, and hangs up on anything else', async () => {
  const browser = await listen();
  browser.socket.send('ping');
  await soon(() => browser.texts).toEqual(['pong']);
  browser.socket.send('give me tokens');
  await soon(() => browser.closed?.code).toBe(1_003);
});

it('hangs up on the sessions that were signed out, and on no other', async () => {
  const old = await listen({ issued_at_s: NOW_S - 60 });
  const fresh = await listen();
  await stub.revokeSessions({ wallet, issued_before_s: NOW_S - 60 });
  await soon(() => old.closed).toEqual({ code: 4_401, reason: 'session_revoked' });
  await stub.reserve({ ...reserveCommandOf(wallet, 300), session_issued_at_s: NOW_S });
  await soon(() => fresh.available).toBe(700);
  expect(fresh.closed).toBeUndefined();
});

it('hangs up on everybody when the user is disabled, and lets nobody in', async () => {
  const before = await listen();
  await stub.setStanding({ wallet, status: 'disabled', version: 1 });
  await soon(() => before.closed).toEqual({ code: 4_403, reason: 'user_disabled' });
  const after = await listen();
  await soon(() => after.closed).toEqual({ code: 4_403, reason: 'user_disabled' });
  expect(after.heard).toEqual([]);
});

it('tells a session that has expired nothing more', async () => {
  const browser = await listen({ expires_at_s: NOW_S + 1 });
  await soon(() => browser.available).toBe(1_000);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await stub.reserve(reserveCommandOf(wallet, 300));
  await soon(() => browser.closed?.code).toBe(4_401);
  expect(browser.available).toBe(1_000);
});

it('has room for 32 listeners, and asks the next to come back', async () => {
  for (let count = 0; count < 32; count++) await listen();
  const oneMore = await listen();
  await soon(() => oneMore.closed?.code).toBe(1_013);
});

it('opens one socket by a ticket, even if the object was evicted after the first', async () => {
  const ticket = { id: crypto.randomUUID(), expires_at_s: NOW_S + 30 };
  const first = await listen({}, ticket);
  await soon(() => first.available).toBe(1_000);
  const second = await listen({}, ticket);
  await soon(() => second.closed).toEqual({ code: 4_409, reason: 'ticket_used' });
  first.socket.close();
  await evictDurableObject(stub);
  const third = await listen({}, ticket);
  await soon(() => third.closed?.code).toBe(4_409);
  expect([...second.heard, ...third.heard]).toEqual([]);
  const other = await listen({}, { ...ticket, id: crypto.randomUUID() });
  await soon(() => other.available).toBe(1_000);
});

it('opens one socket of many that offer the same ticket at once', async () => {
  const ticket = { id: crypto.randomUUID(), expires_at_s: NOW_S + 30 };
  const sockets = await Promise.all(Array.from({ length: 10 }, () => listen({}, ticket)));
  await soon(() => sockets.filter(({ closed }) => closed?.code === 4_409).length).toBe(9);
  expect(sockets.filter(({ heard }) => heard.length > 0)).toHaveLength(1);
});

it('opens none by a ticket that has expired', async () => {
  const late = await listen({}, { id: crypto.randomUUID(), expires_at_s: NOW_S - 1 });
  await soon(() => late.closed?.code).toBe(4_409);
});

it('forgets the tickets that have expired, and writes one row for each socket', async () => {
  const soonOver = { id: crypto.randomUUID(), expires_at_s: NOW_S + 3_600 };
  await listen({}, soonOver);
  const kept = () =>
    runInDurableObject(stub, (_: Wallet, { storage }) => storage.kv.get<unknown[]>('used-tickets')?.length);
  expect(await kept()).toBe(1);
  vi.setSystemTime((NOW_S + 3_601) * 1_000);
  await listen({ expires_at_s: NOW_S + 7_200 }, { id: crypto.randomUUID(), expires_at_s: NOW_S + 7_200 });
  vi.useRealTimers();
  expect(await kept()).toBe(1);
});

it.each([
  ['no subscription', undefined, 'websocket'],
  ['no upgrade', { session }, ''],
  ['a session without times', { session: {} }, 'websocket'],
])('refuses a handshake with %s', async (_, changes, upgrade) => {
  const response = await handshake(changes && { wallet, policy, ticket: null, ...changes }, upgrade);
  expect(response.status).toBe(400);
});

it("refuses a handshake for another's wallet", async () => {
  const response = await handshake({ wallet: newIdentity(), policy, session, ticket: null });
  expect(await response.json()).toEqual({ ok: false, code: 'wrong_wallet' });
});
