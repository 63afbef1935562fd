import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { pageOf, pageParams } from '../../../../contracts/api/paging.ts';
import { ledgerItem, liveTicket, liveWalletMessage, wallet } from '../../../../contracts/api/wallet.ts';
import { resourceId } from '../../../../contracts/resource-id.ts';
import { listLedger } from '../../../db/ledger/ledger.ts';
import { sessionOf } from '../../../identity/identify.ts';
import { makeLiveTicket } from '../../../identity/live-tickets.ts';
import { openLiveWallet, readWallet } from '../../../wallet-access/read-wallet.ts';
import type { PrincipalEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { json, managementKey, problems, session, sessionOrKey } from '../../openapi/responses.ts';

const tags = ['Wallet'];

const read = createRoute({
  method: 'get',
  path: '/',
  operationId: 'getWallet',
  tags,
  summary: 'Retrieve your wallet.',
  description: 'Returns the balance at this moment: `available` = `monthly` + `lifetime` - `reserved`.',
  security: sessionOrKey('wallet:read'),
  responses: { 200: json(wallet, 'The wallet.'), ...problems() },
});

const createTicket = createRoute({
  method: 'post',
  path: '/live/tickets',
  operationId: 'createLiveTicket',
  'x-feature': 'live_balance',
  tags,
  summary: 'Create a ticket to watch your wallet.',
  description:
    'Returns a ticket that opens one WebSocket within 30 seconds. Browsers need one, since they cannot send a header there.',
  security: session,
  responses: { 201: json(liveTicket, 'The ticket.'), ...problems() },
});

/** An upgrade answers without a body. A record of any media types keeps it out of the handler's types. */
const webSocketMessages: Record<string, { schema: z.ZodType }> = {
  'application/json': { schema: liveWalletMessage },
};

const live = createRoute({
  method: 'get',
  path: '/live',
  operationId: 'watchWallet',
  'x-feature': 'live_balance',
  tags,
  summary: 'Watch your wallet.',
  description:
    'Opens a WebSocket. You receive a JSON message after you connect, after every change of the wallet, and for each execution that has ended, as soon as `GET /api/ai/executions/{id}` has its result. Offer the subprotocols `wallet.v1` and `ticket.<ticket>` with a new ticket of `POST /api/wallet/live/tickets`; a program can send its session token as `Authorization: Bearer` instead. If you send `ping`, you receive `pong`. The socket closes with code 4401 when the session ends, 4403 when the account is disabled and 4409 when the ticket was used before.',
  security: session,
  request: {
    headers: z.object({
      upgrade: z
        .string()
        .regex(/^[Ww][Ee][Bb][Ss][Oo][Cc][Kk][Ee][Tt]$/, 'must be websocket')
        .describe('Must be `websocket`. Case does not matter.')
        .meta({ examples: ['websocket'] }),
    }),
  },
  responses: {
    101: {
      description: 'The WebSocket is open. Each message is one of these, as JSON.',
      content: webSocketMessages,
    },
    ...problems(),
  },
});

const ledger = createRoute({
  method: 'get',
  path: '/ledger',
  operationId: 'listLedgerEntries',
  tags,
  summary: 'List your ledger entries.',
  description:
    'Returns the newest entry first. A new entry appears after about one second. Admins can pass a user, and management keys have to.',
  security: [...sessionOrKey('wallet:read'), ...managementKey('usage:read')],
  request: {
    query: pageParams.extend({
      user_id: resourceId.optional().describe('Returns the ledger of this user. Admins only.'),
    }),
  },
  responses: { 200: json(pageOf(ledgerItem), 'A page of ledger entries.'), ...problems('invalid_cursor') },
});

/** The caller's wallet and its ledger. */
export const walletRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid })
  .openapi(read, async (c) => {
    const read = await readWallet(dependenciesOf(c), c.var.principal);
    return read.ok ? c.json(read.value, 200) : problem(c, read.failure.code);
  })
  .openapi(createTicket, async (c) =>
    c.json(await makeLiveTicket(c.var.settings.JWT_SECRET, sessionOf(c.var.principal)), 201),
  )
  .openapi(live, async (c) => {
    const { principal, ticket } = c.var;
    const used = ticket === null ? null : { id: ticket.id, expires_at_s: ticket.expires_at_s };
    const opened = await openLiveWallet(dependenciesOf(c), sessionOf(principal), used);
    return opened.ok ? new Response(null, opened.value) : problem(c, opened.failure.code);
  })
  .openapi(ledger, async (c) => {
    const { user_id, ...page } = c.req.valid('query');
    const { manager, principal } = c.var;
    const { database } = dependenciesOf(c);
    if (manager !== null && user_id === undefined)
      return problem(c, 'invalid_request', {
        message: 'user_id: a management key has no wallet, so name the user',
        details: { in: 'query', issues: [{ field: 'user_id', rule: 'required', message: 'name the user' }] },
      });
    const entries = await (manager !== null && user_id !== undefined
      ? listLedger(database, manager, page, user_id)
      : listLedger(database, principal, page, user_id ?? principal.userId));
    return entries.ok ? c.json(entries.value, 200) : problem(c, entries.failure.code);
  });
