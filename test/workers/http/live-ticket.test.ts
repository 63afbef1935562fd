import { describe, expect, it } from 'vitest';
import { liveWalletMessage } from '../../../contracts/api/wallet.ts';
import { signSessionToken } from '../../../worker/identity/sessions.ts';
import { secretRing } from '../../../worker/runtime/secret-ring.ts';
import { abroad, newcomer } from '../checked-wallet.ts';
import { ask, hostnameOf, somebody, tokenOf } from './asking.ts';

const newTicket = async (token: string, hostname?: string): Promise<string> => {
  const answer = await ask('/api/wallet/live/tickets', { method: 'POST', token, hostname });
  expect(answer.status).toBe(201);
  const { ticket } = (await answer.json()) as { ticket: string };
  return ticket;
};

/** Sends a handshake that offers subprotocols, as a browser does. */
const handshake = (subprotocols: string, hostname?: string) =>
  ask('/api/wallet/live', {
    headers: { upgrade: 'websocket', 'sec-websocket-protocol': `wallet.v1, ${subprotocols}` },
    hostname,
  });

/** Returns the code with which a socket is closed, or the first message. */
function firstOf({ webSocket }: Response): Promise<number | string> {
  if (webSocket === null) throw new Error('A handshake answers a socket');
  return new Promise((resolve) => {
    webSocket.addEventListener('close', ({ code }) => resolve(code));
    webSocket.addEventListener('message', ({ data }) => resolve(String(data)));
    webSocket.accept();
  });
}

describe('a ticket for the live balance', () => {
  it('opens one socket with the wallet of its user', async () => {
    const { token } = await somebody();
    const ticket = await newTicket(token);
    const opened = await handshake(`ticket.${ticket}`);
    expect(opened.status).toBe(101);
    expect(opened.headers.get('sec-websocket-protocol')).toBe('wallet.v1');
    const message = liveWalletMessage.parse(JSON.parse(String(await firstOf(opened))));
    expect(message).toMatchObject({ type: 'wallet', wallet: { available: 1_000 } });
    expect(await firstOf(await handshake(`ticket.${ticket}`))).toBe(4_409);
    expect(await firstOf(await handshake(`ticket.${await newTicket(token)}`))).toMatch('"available":1000');
  });

  it('is needed: a session token is not read from a subprotocol', async () => {
    const { token } = await somebody();
    expect((await handshake(`bearer.${token}`)).status).toBe(401);
    expect((await handshake(`ticket.${token}`)).status).toBe(401);
  });

  it('is no session token, and opens nothing else', async () => {
    const ticket = await newTicket((await somebody()).token);
    expect((await ask('/api/wallet', { token: ticket })).status).toBe(401);
    expect((await ask('/api/wallet', { headers: { 'x-api-key': ticket } })).status).toBe(401);
    const headers = { upgrade: 'websocket', 'sec-websocket-protocol': `ticket.${ticket}` };
    for (const [method, path] of [
      ['GET', '/api/wallet'],
      ['GET', '/api/auth/me'],
      ['POST', '/api/auth/logout'],
      ['POST', '/api/wallet/live/tickets'],
    ] as const)
      expect((await ask(path, { method, headers })).status, path).toBe(401);
  });

  it('is refused at another hostname', async () => {
    const elsewhere = await hostnameOf(abroad.tenant_id);
    const ticket = await newTicket(await tokenOf(await newcomer(abroad)), elsewhere);
    expect((await handshake(`ticket.${ticket}`)).status).toBe(401);
    expect((await handshake(`ticket.${ticket}`, elsewhere)).status).toBe(101);
  });

  it('needs a session', async () => {
    const answer = await ask('/api/wallet/live/tickets', { method: 'POST' });
    expect(answer.status).toBe(401);
  });

  it('ends with its session, and within 30 seconds', async () => {
    const { tenant_id: tenantId, user_id: userId } = await somebody();
    const iat = Math.floor(Date.now() / 1_000);
    const expiryOf = async (exp: number) => {
      const token = await signSessionToken(secretRing.parse('a-secret-for-tests-of-at-least-32-characters'), {
        ...{ userId, tenantId, iat, exp },
      });
      const answer = await ask('/api/wallet/live/tickets', { method: 'POST', token });
      return Date.parse(((await answer.json()) as { expires_at: string }).expires_at) / 1_000;
    };
    expect(await expiryOf(iat + 10)).toBe(iat + 10);
    expect((await expiryOf(iat + 600)) - iat).toBeGreaterThanOrEqual(30);
    expect((await expiryOf(iat + 600)) - iat).toBeLessThanOrEqual(32);
  });
});
