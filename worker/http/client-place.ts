import type { Context } from 'hono';
import { isStorable } from '../../contracts/storable-text.ts';
import type { ClientPlace } from '../db/audit.ts';

/** Characters of a browser's description that are kept (migrations: audit_clients_are_short). */
const AGENT_MAX = 300;

/** Returns the address and the browser of a request: the address as the platform saw it, the browser as it says. */
export function clientPlace({ req }: Pick<Context, 'req'>): ClientPlace {
  const agent = req.header('user-agent')?.slice(0, AGENT_MAX) ?? '';
  return {
    address: req.header('cf-connecting-ip')?.slice(0, 64) ?? 'unknown',
    agent: agent === '' || !isStorable(agent) ? null : agent,
  };
}
