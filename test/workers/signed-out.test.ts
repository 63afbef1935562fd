import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { liveWalletClose } from '../../contracts/wallet/live-wallet.ts';
import { SUBSCRIPTION_HEADER } from '../../contracts/wallet/wallet-subscription.ts';
import { newIdentity, objectName, policy } from './wallet/wallet-commands.ts';

const SIGNED_OUT_S = 1_000;

/** Returns a wallet whose user was signed out. */
async function signedOut() {
  const wallet = newIdentity();
  const stub = env.WALLET.getByName(objectName(wallet));
  await stub.revokeSessions({ wallet, issued_before_s: SIGNED_OUT_S });
  return { wallet, stub };
}

it('a session from before a sign-out cannot read the wallet; a later session can', async () => {
  const { wallet, stub } = await signedOut();
  const read = (session_issued_at_s: number) => stub.read({ wallet, policy, session_issued_at_s });
  expect(await read(SIGNED_OUT_S)).toEqual({ ok: false, code: 'session_revoked' });
  expect(await read(SIGNED_OUT_S + 1)).toMatchObject({ ok: true });
});

it('a late message about an earlier sign-out does not restore a session', async () => {
  const { wallet, stub } = await signedOut();
  await stub.revokeSessions({ wallet, issued_before_s: SIGNED_OUT_S - 500 });
  expect(await stub.read({ wallet, policy, session_issued_at_s: SIGNED_OUT_S })).toEqual({
    ok: false,
    code: 'session_revoked',
  });
});

it('a session from before a sign-out cannot subscribe', async () => {
  const { wallet, stub } = await signedOut();
  const session = { issued_at_s: SIGNED_OUT_S, expires_at_s: 8_000_000_000 };
  const { webSocket } = await stub.fetch('https://wallet.invalid/live', {
    headers: {
      upgrade: 'websocket',
      [SUBSCRIPTION_HEADER]: JSON.stringify({ wallet, policy, session, ticket: null }),
    },
  });
  if (webSocket === null) throw new Error('A handshake answers a socket');
  const heard: unknown[] = [];
  const closed = new Promise<number>((resolve) => {
    webSocket.addEventListener('close', ({ code }) => resolve(code));
  });
  webSocket.addEventListener('message', ({ data }) => heard.push(data));
  webSocket.accept();
  expect(await closed).toBe(liveWalletClose.session_revoked);
  expect(heard).toEqual([]);
});
