import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { pageOf, pageQuery } from '../../contracts/api/paging.ts';
import { userWithWallet } from '../../contracts/api/users.ts';
import { adjustmentRequest, creditRequest, walletOperationResponse } from '../../contracts/api/wallet.ts';
import type { SessionEnv } from '../app-env.ts';
import { listUsers } from '../db/users.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { insufficientBalance, problem, refuseInvalid } from '../errors.ts';
import { correctWallet, type WalletCorrection } from '../services/correct-wallet.ts';
import { idParam, json, jsonBody, problems, session } from './responses.ts';

const tags = ['Users'];

/** Sent by a client that may have to repeat itself; without it every request is its own operation. */
const idempotencyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,100}$/, '1 to 100 visible ASCII characters')
    .optional(),
});

const list = createRoute({
  method: 'get',
  path: '/',
  tags,
  summary: "The tenant's users with their balances as last projected. Admins only.",
  security: session,
  request: { query: pageQuery },
  responses: { 200: json(pageOf(userWithWallet), 'A page of users, newest first'), ...problems },
});

const credit = createRoute({
  method: 'post',
  path: '/{id}/wallet/credits',
  tags,
  summary: "Adds lifetime tokens to a user's wallet. Admins only.",
  security: session,
  request: { params: idParam, headers: idempotencyHeader, ...jsonBody(creditRequest) },
  responses: { 201: json(walletOperationResponse, 'The ledger entry and the wallet after it'), ...problems },
});

const adjust = createRoute({
  method: 'post',
  path: '/{id}/wallet/adjustments',
  tags,
  summary: "Corrects a user's wallet by hand, up or down; never takes what is held. Admins only.",
  security: session,
  request: { params: idParam, headers: idempotencyHeader, ...jsonBody(adjustmentRequest) },
  responses: { 201: json(walletOperationResponse, 'The ledger entry and the wallet after it'), ...problems },
});

async function answerCorrection(c: Context<SessionEnv>, correction: WalletCorrection) {
  const corrected = await correctWallet(dependenciesOf(c), c.var.claims, correction);
  if (corrected.ok) return c.json(corrected.value, 201);
  if (corrected.failure.code === 'insufficient_balance')
    return insufficientBalance(c, corrected.failure.refusal);
  return problem(c, corrected.failure.code);
}

/** Users of the tenant, for its admins. Who may is decided in the database, from the role it holds. */
export const userRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const users = await listUsers(dependenciesOf(c).database, c.var.claims, c.req.valid('query'));
    return users.ok ? c.json(users.value, 200) : problem(c, users.failure.code);
  })
  .openapi(credit, (c) => {
    const { reference, ...body } = c.req.valid('json');
    return answerCorrection(c, {
      kind: 'credit',
      user_id: c.req.valid('param').id,
      ...body,
      reference: reference ?? null,
      operation_id: c.req.valid('header')['idempotency-key'] ?? uuidv7(),
    });
  })
  .openapi(adjust, (c) => {
    const { reference, ...body } = c.req.valid('json');
    return answerCorrection(c, {
      kind: 'adjustment',
      user_id: c.req.valid('param').id,
      ...body,
      reference: reference ?? null,
      operation_id: c.req.valid('header')['idempotency-key'] ?? uuidv7(),
    });
  });
