import type { Context } from 'hono';
import { isStorable } from '../../contracts/storable-text.ts';
import type { ClientPlace } from '../db/audit.ts';

/** Characters that are kept (migrations: audit_clients_are_short). */
const ADDRESS_MAX = 64;
const AGENT_MAX = 300;

/** Returns the address of the client, as the platform saw it. */
export const clientAddress = ({ req }: Pick<Context, 'req'>): string =>
  req.header('cf-connecting-ip') ?? 'unknown';

/** Returns the address and the browser of a request: the address as the platform saw it, the browser as it says. */
export function clientPlace(c: Pick<Context, 'req'>): ClientPlace {
  const agent = c.req.header('user-agent')?.slice(0, AGENT_MAX) ?? '';
  return {
    address: clientAddress(c).slice(0, ADDRESS_MAX),
    agent: agent === '' || !isStorable(agent) ? null : agent,
  };
}
