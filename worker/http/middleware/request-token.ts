import { bearerSubprotocol, bearerToken } from '../../identity/sessions.ts';
import type { RequestContext } from '../app-env.ts';

/** Returns the token of a request, or null: from `Authorization: Bearer`, `x-api-key`, or a WebSocket's subprotocol. */
export const requestToken = ({ req }: RequestContext): string | null =>
  bearerToken(req.header('authorization')) ??
  req.header('x-api-key')?.trim() ??
  bearerSubprotocol(req.header('sec-websocket-protocol'));
