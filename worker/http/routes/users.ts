import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { pageOf } from '../../../contracts/api/paging.ts';
import { tokenPolicyOverride, userDetail, userPatch } from '../../../contracts/api/policies.ts';
import { userListParams, userWithWallet } from '../../../contracts/api/users.ts';
import { adjustmentRequest, creditRequest, walletOperationResponse } from '../../../contracts/api/wallet.ts';
import { listUsers } from '../../db/users.ts';
import { overridePolicy, readUser, signOutUser, updateUser } from '../../users/manage-users.ts';
import { correctWallet, type WalletCorrection } from '../../wallet-access/correct-wallet.ts';
import type { SessionEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { insufficientBalanceProblem, problem, refuseInvalid } from '../errors.ts';
import {
  idParam,
  json,
  jsonBody,
  ofBody,
  problems,
  requiredIdempotencyHeader,
  session,
} from '../openapi/responses.ts';

const tags = ['Users'];
const idOf = idParam('The id of the user.');

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listUsers',
  tags,
  summary: 'List the users.',
  description: "Returns the tenant's users with their balances as last copied to the database. Admins only.",
  security: session,
  request: { query: userListParams },
  responses: {
    200: json(pageOf(userWithWallet), 'A page of users, newest first.'),
    ...problems('invalid_cursor'),
  },
});

const read = createRoute({
  method: 'get',
  path: '/{id}',
  operationId: 'getUser',
  tags,
  summary: 'Retrieve a user.',
  description:
    'Returns the user, the sources of their token policy and their wallet at this moment. Admins only.',
  security: session,
  request: { params: idOf },
  responses: { 200: json(userDetail, 'The user.'), ...problems('not_found') },
});

const update = createRoute({
  method: 'patch',
  path: '/{id}',
  operationId: 'updateUser',
  tags,
  summary: 'Update a user.',
  description:
    'Enables or disables a user, or moves them to another level. Takes effect with the next request. Admins only. You cannot update yourself.',
  security: session,
  request: { params: idOf, ...jsonBody(userPatch) },
  responses: { 200: json(userDetail, 'The user after the change.'), ...problems(...ofBody, 'not_found') },
});

const override = createRoute({
  method: 'put',
  path: '/{id}/token-policy',
  operationId: 'setUserTokenPolicy',
  tags,
  summary: "Set a user's token policy.",
  description:
    "Overrides the level's policy for one user. Null fields use the level's value. Takes effect at once. Admins only.",
  security: session,
  request: { params: idOf, ...jsonBody(tokenPolicyOverride) },
  responses: { 200: json(userDetail, 'The user after the change.'), ...problems(...ofBody, 'not_found') },
});

const signOut = createRoute({
  method: 'post',
  path: '/{id}/sign-out',
  operationId: 'signOutUser',
  tags,
  summary: 'Sign a user out.',
  description: 'Ends all sessions of the user at once. The user can sign in again. Admins only.',
  security: session,
  request: { params: idOf },
  responses: { 204: { description: 'Signed out.' }, ...problems('not_found') },
});

const credit = createRoute({
  method: 'post',
  path: '/{id}/wallet/credits',
  operationId: 'createWalletCredit',
  tags,
  summary: 'Add tokens to a wallet.',
  description: "Adds lifetime tokens to a user's wallet. Admins only.",
  security: session,
  request: { params: idOf, headers: requiredIdempotencyHeader, ...jsonBody(creditRequest) },
  responses: {
    201: json(walletOperationResponse, 'The ledger entry and the wallet after it.'),
    ...problems(
      ...ofBody,
      'amount_out_of_range',
      'idempotency_mismatch',
      'insufficient_balance',
      'not_found',
    ),
  },
});

const adjust = createRoute({
  method: 'post',
  path: '/{id}/wallet/adjustments',
  operationId: 'createWalletAdjustment',
  tags,
  summary: 'Adjust a wallet.',
  description:
    "Adds tokens to a user's wallet or removes them. Reserved tokens cannot be removed. Admins only.",
  security: session,
  request: { params: idOf, headers: requiredIdempotencyHeader, ...jsonBody(adjustmentRequest) },
  responses: {
    201: json(walletOperationResponse, 'The ledger entry and the wallet after it.'),
    ...problems(
      ...ofBody,
      'amount_out_of_range',
      'idempotency_mismatch',
      'insufficient_balance',
      'not_found',
    ),
  },
});

async function answerCorrection(c: Context<SessionEnv>, correction: WalletCorrection) {
  const corrected = await correctWallet(dependenciesOf(c), c.var.claims, correction);
  if (corrected.ok) return c.json(corrected.value, 201);
  if (corrected.failure.code === 'insufficient_balance')
    return insufficientBalanceProblem(c, corrected.failure.refusal);
  return problem(c, corrected.failure.code);
}

/** Users, for the tenant's admins. The database checks the role. */
export const userRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const users = await listUsers(dependenciesOf(c).database, c.var.claims, c.req.valid('query'));
    return users.ok ? c.json(users.value, 200) : problem(c, users.failure.code);
  })
  .openapi(read, async (c) => {
    const user = await readUser(dependenciesOf(c), c.var.claims, c.req.valid('param').id);
    return user.ok ? c.json(user.value, 200) : problem(c, user.failure.code);
  })
  .openapi(update, async (c) => {
    const { id } = c.req.valid('param');
    const user = await updateUser(dependenciesOf(c), c.var.claims, id, c.req.valid('json'));
    if (user.ok) return c.json(user.value, 200);
    const { code } = user.failure;
    if (code === 'unknown_level') return problem(c, 'not_found', { details: { field: 'level_id' } });
    return id === c.var.claims.userId && code === 'forbidden'
      ? problem(c, code, {
          message: 'You cannot change your own status or level. Ask another administrator.',
        })
      : problem(c, code);
  })
  .openapi(override, async (c) => {
    const { id } = c.req.valid('param');
    const user = await overridePolicy(dependenciesOf(c), c.var.claims, id, c.req.valid('json'));
    return user.ok ? c.json(user.value, 200) : problem(c, user.failure.code);
  })
  .openapi(signOut, async (c) => {
    const signedOut = await signOutUser(dependenciesOf(c), c.var.claims, c.req.valid('param').id);
    return signedOut.ok ? c.body(null, 204) : problem(c, signedOut.failure.code);
  })
  .openapi(credit, (c) => {
    const { reference, ...body } = c.req.valid('json');
    return answerCorrection(c, {
      kind: 'credit',
      user_id: c.req.valid('param').id,
      ...body,
      reference: reference ?? null,
      operation_id: c.req.valid('header')['idempotency-key'],
    });
  })
  .openapi(adjust, (c) => {
    const { reference, ...body } = c.req.valid('json');
    return answerCorrection(c, {
      kind: 'adjustment',
      user_id: c.req.valid('param').id,
      ...body,
      reference: reference ?? null,
      operation_id: c.req.valid('header')['idempotency-key'],
    });
  });
