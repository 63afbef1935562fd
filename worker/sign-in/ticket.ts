import { createHash, randomBytes } from 'node:crypto';

/**
 * Tickets end a sign-in: the page that the provider's answer leads to exchanges one for a session, which therefore is in no address. A
 * ticket works with the cookie of the browser that it was made for alone, so that nobody can be signed in to another's account.
 */

export const TICKET_LIFETIME_S = 60;

const random = () => randomBytes(32).toString('base64url');

/** Returns the hash under which a ticket is stored. `browser` is the cookie of its browser. */
export const ticketHash = (ticket: string, browser: string): string =>
  createHash('sha256').update(`${ticket}.${browser}`).digest('hex');

/** A new ticket: `vsg_` and 256 random bits, for a browser that keeps as many. */
export function newTicket(): { ticket: string; browser: string; hash: string } {
  const [ticket, browser] = [`vsg_${random()}`, random()];
  return { ticket, browser, hash: ticketHash(ticket, browser) };
}
