import { jwtVerify, SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { LiveTicket } from '../../contracts/api/wallet.ts';
import { resourceId } from '../../contracts/resource-id.ts';
import type { SecretRing } from '../runtime/secret-ring.ts';
import { keyIn, signWith } from './signed-tokens.ts';

/**
 * Tickets for the live balance. A browser cannot send a header with a WebSocket's handshake, and what it can send ends up in logs: so it
 * sends a ticket, which opens one socket within 30 seconds. The wallet remembers which tickets were used.
 */

const LIFETIME_S = 30;
/** Keeps a ticket from being a session token, and the other way round. */
const AUDIENCE = 'live-balance';
const SUBPROTOCOL = 'ticket.';

const ticketClaims = z.strictObject({
  aud: z.literal(AUDIENCE),
  jti: resourceId,
  exp: z.int().min(0),
  userId: resourceId,
  tenantId: resourceId,
  /** The session that the ticket was made for, and its times. */
  sessionId: resourceId.optional(),
  sessionIat: z.int().min(0),
  sessionExp: z.int().min(0),
});

/** Makes a ticket for a user's session, without a call to the wallet or the database. */
export async function makeLiveTicket(secrets: SecretRing, claims: SessionClaims): Promise<LiveTicket> {
  const { userId, tenantId, sessionId, iat: sessionIat, exp: sessionExp } = claims;
  const exp = Math.min(Math.floor(Date.now() / 1_000) + LIFETIME_S, sessionExp);
  const unsigned = new SignJWT({ userId, tenantId, sessionId, sessionIat, sessionExp })
    .setAudience(AUDIENCE)
    .setJti(uuidv7())
    .setExpirationTime(exp);
  const ticket = await signWith(secrets, unsigned);
  return { ticket, expires_at: new Date(exp * 1_000).toISOString() };
}

/** Returns the ticket that a WebSocket's handshake offers as the subprotocol `ticket.<ticket>`, or null. */
export function offeredTicket(header: string | undefined): string | null {
  const protocols = header?.split(',').map((protocol) => protocol.trim()) ?? [];
  return protocols.find((protocol) => protocol.startsWith(SUBPROTOCOL))?.slice(SUBPROTOCOL.length) ?? null;
}

/** A genuine ticket that is valid now, and the session it was made for. It may have been used: the wallet decides. */
export type GenuineTicket = { claims: SessionClaims; id: string; expires_at_s: number };

/** Verifies a ticket. Returns null if it was not made here, has expired, or is something else. */
export async function verifyLiveTicket(secrets: SecretRing, ticket: string): Promise<GenuineTicket | null> {
  const verified = await jwtVerify(ticket, keyIn(secrets), {
    algorithms: ['HS256'],
    audience: AUDIENCE,
  }).catch(() => null);
  const parsed = ticketClaims.safeParse(verified?.payload);
  if (!parsed.success) return null;
  const { jti: id, exp: expires_at_s, userId, tenantId, sessionId, sessionIat, sessionExp } = parsed.data;
  const session = sessionId === undefined ? {} : { sessionId };
  return { id, expires_at_s, claims: { ...session, userId, tenantId, iat: sessionIat, exp: sessionExp } };
}
