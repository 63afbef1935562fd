import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import { SUBSCRIPTION_HEADER } from '../../contracts/wallet/wallet-subscription.ts';
import type { Wallet } from '../../durable-objects/wallet/wallet.ts';
import { execIn } from './wallet/stored-wallet.ts';
import { newIdentity, objectName, policy, reserveCommandOf } from './wallet/wallet-commands.ts';

let wallet: WalletIdentity;
let stub: DurableObjectStub<Wallet>;

beforeEach(async () => {
  wallet = newIdentity();
  stub = env.WALLET.getByName(objectName(wallet));
  await stub.reserve(reserveCommandOf(wallet, 100));
});

const change = (statement: string) => execIn(stub, statement);

/** Makes the row of a commit fail to be written. */
const breakStorage = () =>
  change(`create trigger full before insert on segments begin select raise(abort, 'disk full'); end`);
const mendStorage = () => change('drop trigger full');

/** Reserves inside the object, since an exception that crosses RPC is also reported as unhandled. */
const reserveInside = (amount: number) =>
  runInDurableObject(stub, (instance: Wallet) =>
    instance.reserve(reserveCommandOf(wallet, amount)).then(
      ({ ok }) => String(ok),
      (error: Error) => error.message,
    ),
  );

const audit = async () => {
  const answer = await stub.audit({ wallet });
  if (!answer.ok || answer.audit === null) throw new Error('The wallet is open');
  return answer.audit;
};

describe('a write that fails', () => {
  it('leaves the wallet unchanged in memory and in storage, and the next command continues from there', async () => {
    const before = await audit();
    await breakStorage();
    expect(await reserveInside(300)).toContain('disk full');
    expect(await audit()).toEqual(before);
    await mendStorage();
    expect(await reserveInside(300)).toBe('true');
    const after = await audit();
    expect(after).toMatchObject({ seq: before.seq + 1, held: { reservations: 2, lifetime: 400 } });
    expect(after.figures.reserved).toBe(400);
  });

  it('fails every command that shares it, and no other', async () => {
    const before = await audit();
    await breakStorage();
    const together = await runInDurableObject(stub, (instance: Wallet) =>
      Promise.all(
        [10, 20, 30].map((amount) =>
          instance.reserve(reserveCommandOf(wallet, amount)).then(
            ({ ok }) => String(ok),
            () => 'failed',
          ),
        ),
      ),
    );
    expect(together).toEqual(['failed', 'failed', 'failed']);
    await mendStorage();
    expect(await audit()).toEqual(before);
    expect(await reserveInside(300)).toBe('true');
  });

  it('beside a commit fails the commands that wait for it, and leaves no row', async () => {
    const before = await audit();
    await change(
      `create trigger full before insert on operations begin select raise(abort, 'disk full'); end`,
    );
    const credit = {
      ...{ wallet, policy, operation_id: 'invoice/1', amount: 5, reason: 'bought', reference: null },
      actor: { kind: 'admin' as const, id: null },
    };
    const together = await runInDurableObject(stub, (instance: Wallet) =>
      Promise.all([
        instance.reserve(reserveCommandOf(wallet, 10)).then(String, () => 'failed'),
        instance.credit(credit).then(String, () => 'failed'),
      ]),
    );
    expect(together).toEqual(['failed', 'failed']);
    await mendStorage();
    expect(await audit()).toEqual(before);
    expect(await stub.credit(credit)).toMatchObject({ ok: true, seq: before.seq + 1 });
  });

  it('is not sent to subscribers', async () => {
    const session = { issued_at_s: 1, expires_at_s: 8_000_000_000 };
    const { webSocket } = await stub.fetch('https://wallet.invalid/live', {
      headers: {
        upgrade: 'websocket',
        [SUBSCRIPTION_HEADER]: JSON.stringify({ wallet, policy, session }),
      },
    });
    if (webSocket === null) throw new Error('A handshake answers a socket');
    const heard: number[] = [];
    webSocket.addEventListener('message', ({ data }) => {
      heard.push(JSON.parse(String(data)).wallet.available);
    });
    webSocket.accept();
    await breakStorage();
    await reserveInside(300);
    await mendStorage();
    await reserveInside(1);
    await expect.poll(() => heard.at(-1), { timeout: 2_000 }).toBe(899);
    expect(heard).toEqual([900, 899]);
    webSocket.close();
  });
});
