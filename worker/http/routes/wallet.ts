import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { pageOf, pageQuery } from '../../../contracts/api/paging.ts';
import { ledgerItem, liveWalletMessage, wallet } from '../../../contracts/api/wallet.ts';
import { listLedger } from '../../db/ledger.ts';
import { sessionOf } from '../../identity/identify.ts';
import { openLiveWallet, readWallet } from '../../wallet-access/read-wallet.ts';
import type { PrincipalEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem, refuseInvalid } from '../errors.ts';
import { json, problems, session, sessionOrKey } from '../openapi/responses.ts';

const tags = ['Wallet'];

const read = createRoute({
  method: 'get',
  path: '/',
  tags,
  summary: 'Your wallet, exact to this moment: available = monthly + lifetime - reserved.',
  security: sessionOrKey('wallet:read'),
  responses: { 200: json(wallet, 'The wallet'), ...problems() },
});

/** An upgrade has no body that the types could hold a handler to: any name of a media type says so. */
const webSocketMessages: Record<string, { schema: z.ZodType }> = {
  'application/json': { schema: liveWalletMessage },
};

const live = createRoute({
  method: 'get',
  path: '/live',
  tags,
  summary:
    'Your balance as it changes, over a WebSocket: a JSON message at once and after every change of the wallet, and one for ' +
    'each execution that has ended, as soon as `GET /api/ai/executions/{id}` tells how. Offer ' +
    'the subprotocols `wallet.v1` and `bearer.<token>`. Send `ping` to be answered `pong`. Closed with 4401 when the session ' +
    'ended, with 4403 when the account was disabled.',
  security: session,
  request: {
    headers: z.object({
      upgrade: z
        .string()
        .regex(/^[Ww][Ee][Bb][Ss][Oo][Cc][Kk][Ee][Tt]$/, 'must be websocket')
        .describe('`websocket`, in capitals or not: this path speaks nothing else')
        .openapi({ example: 'websocket' }),
    }),
  },
  responses: {
    101: {
      description: 'From here on the WebSocket: each message is one of these, as JSON',
      content: webSocketMessages,
    },
    ...problems(),
  },
});

const ledger = createRoute({
  method: 'get',
  path: '/ledger',
  tags,
  summary:
    'Your ledger, newest first. An entry is here about a second after it happened. Admins may name a user.',
  security: sessionOrKey('wallet:read'),
  request: {
    query: pageQuery.extend({ user_id: z.uuid().optional().describe('Another user’s ledger; for admins') }),
  },
  responses: { 200: json(pageOf(ledgerItem), 'A page of ledger entries'), ...problems('invalid_cursor') },
});

/** The wallet of the caller and its ledger. */
export const walletRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid })
  .openapi(read, async (c) => {
    const read = await readWallet(dependenciesOf(c), c.var.principal);
    return read.ok ? c.json(read.value, 200) : problem(c, read.failure.code);
  })
  .openapi(live, async (c) => {
    const opened = await openLiveWallet(dependenciesOf(c), sessionOf(c.var.principal));
    return opened.ok ? opened.value : problem(c, opened.failure.code);
  })
  .openapi(ledger, async (c) => {
    const { user_id, ...page } = c.req.valid('query');
    const entries = await listLedger(
      dependenciesOf(c).database,
      c.var.principal,
      page,
      user_id ?? c.var.principal.userId,
    );
    return entries.ok ? c.json(entries.value, 200) : problem(c, entries.failure.code);
  });
