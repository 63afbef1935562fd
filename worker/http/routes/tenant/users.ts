import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { user } from '../../../../contracts/api/account/auth.ts';
import { pageOf } from '../../../../contracts/api/paging.ts';
import {
  tokenPolicyOverride,
  type UserPatch,
  userDetail,
  userPatch,
} from '../../../../contracts/api/tenant/policies.ts';
import { createUserRequest, userListParams, userWithWallet } from '../../../../contracts/api/tenant/users.ts';
import {
  adjustmentRequest,
  creditRequest,
  walletOperationResponse,
} from '../../../../contracts/api/wallet.ts';
import type { Administrator } from '../../../db/context.ts';
import type { UserRefusal } from '../../../db/users/user-admin.ts';
import { listUsers } from '../../../db/users/users.ts';
import { createUserForServer } from '../../../identity/provision-user.ts';
import { overridePolicy, readUser, signOutUser, updateUser } from '../../../users/manage-users.ts';
import { correctWallet, type WalletCorrection } from '../../../wallet-access/correct-wallet.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { insufficientBalanceProblem, problem, refuseInvalid } from '../../errors.ts';
import { confirmationRefusal } from '../../middleware/confirmation.ts';
import {
  idParam,
  json,
  jsonBody,
  managementKey,
  ofBody,
  problems,
  requiredIdempotencyHeader,
  session,
  sessionOrManagementKey,
} from '../../openapi/responses.ts';
import { tenantOrigin } from '../../tenant-origin.ts';

const tags = ['Users'];
const idOf = idParam('The id of the user.');

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listUsers',
  tags,
  summary: 'List the users.',
  description: "Returns the tenant's users with their balances as last copied to the database. Admins only.",
  security: sessionOrManagementKey('users:read'),
  request: { query: userListParams },
  responses: {
    200: json(pageOf(userWithWallet), 'A page of users, newest first.'),
    ...problems('invalid_cursor'),
  },
});

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createUser',
  tags,
  summary: 'Create a user.',
  description:
    'Creates a user without a password, for servers of the tenant. Safe to repeat: an email that has an account is answered with that account, unchanged, and 200. People invite with `POST /api/invitations` instead.',
  security: managementKey('users:write'),
  request: jsonBody(createUserRequest, { email: 'grace@example.com', name: 'Grace Hopper' }),
  responses: {
    200: json(user, 'The account that the email has already.'),
    201: json(user, 'The new user.'),
    ...problems(...ofBody, 'mail_off', 'not_found'),
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
  security: sessionOrManagementKey('users:read'),
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
    'Enables or disables a user, moves them to another level, or changes their role. Takes effect with the next request. Admins only. You cannot update yourself or give a role above your own, and the last active administrator stays. A change of the role asks for a confirmation. Management keys update users with the role `user` only, and no role.',
  security: sessionOrManagementKey('users:write'),
  request: { params: idOf, ...jsonBody(userPatch) },
  responses: {
    200: json(userDetail, 'The user after the change.'),
    ...problems(
      ...ofBody,
      'account_closed',
      'confirmation_required',
      'last_admin',
      'level_archived',
      'not_found',
    ),
  },
});

const override = createRoute({
  method: 'put',
  path: '/{id}/token-policy',
  operationId: 'setUserTokenPolicy',
  'x-confirm': true,
  tags,
  summary: "Set a user's token policy.",
  description:
    "Overrides the level's policy for one user. Null fields use the level's value. Takes effect at once. Admins only.",
  security: session,
  request: { params: idOf, ...jsonBody(tokenPolicyOverride) },
  responses: {
    200: json(userDetail, 'The user after the change.'),
    ...problems(...ofBody, 'confirmation_required', 'not_found', 'self_made_changes_off'),
  },
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
  'x-confirm': true,
  tags,
  summary: 'Add tokens to a wallet.',
  description: "Adds lifetime tokens to a user's wallet. Admins only.",
  security: sessionOrManagementKey('wallets:write'),
  request: { params: idOf, headers: requiredIdempotencyHeader, ...jsonBody(creditRequest) },
  responses: {
    201: json(walletOperationResponse, 'The ledger entry and the wallet after it.'),
    ...problems(
      ...ofBody,
      'amount_out_of_range',
      'confirmation_required',
      'idempotency_mismatch',
      'insufficient_balance',
      'not_found',
      'self_made_changes_off',
    ),
  },
});

const adjust = createRoute({
  method: 'post',
  path: '/{id}/wallet/adjustments',
  operationId: 'createWalletAdjustment',
  'x-confirm': true,
  tags,
  summary: 'Adjust a wallet.',
  description:
    "Adds tokens to a user's wallet or removes them. Reserved tokens cannot be removed. Admins only.",
  security: sessionOrManagementKey('wallets:write'),
  request: { params: idOf, headers: requiredIdempotencyHeader, ...jsonBody(adjustmentRequest) },
  responses: {
    201: json(walletOperationResponse, 'The ledger entry and the wallet after it.'),
    ...problems(
      ...ofBody,
      'amount_out_of_range',
      'confirmation_required',
      'idempotency_mismatch',
      'insufficient_balance',
      'not_found',
      'self_made_changes_off',
    ),
  },
});

const NOT_YOURSELF = 'You cannot change your own status, level or role. Ask another administrator.';

/** Returns who administers: the management key or the person in the session of the request. */
const administratorOf = (c: Context<SessionEnv>): Administrator => c.var.manager ?? c.var.claims;

async function answerCorrection(c: Context<SessionEnv>, correction: WalletCorrection) {
  const corrected = await correctWallet(dependenciesOf(c), administratorOf(c), correction);
  if (corrected.ok) return c.json(corrected.value, 201);
  if (corrected.failure.code === 'insufficient_balance')
    return insufficientBalanceProblem(c, corrected.failure.refusal);
  if (corrected.failure.code === 'self_made_changes_off')
    return problem(c, corrected.failure.code, { details: { off_by: corrected.failure.off_by } });
  return problem(c, corrected.failure.code);
}

/** Answers a refused change of a user's status, level or role. */
function refuseUpdate(
  c: Context<SessionEnv>,
  code: UserRefusal | 'unavailable',
  { status }: UserPatch,
  isSelf: boolean,
) {
  switch (code) {
    case 'unknown_level':
      return problem(c, 'not_found', { details: { field: 'level_id' } });
    case 'level_archived':
      return problem(c, code, { details: { field: 'level_id', rule: code } });
    case 'last_admin':
      return problem(c, code, { details: { field: status === 'disabled' ? 'status' : 'role', rule: code } });
    case 'superadmin_elsewhere': {
      const message = 'Only users of the platform can be superadmins.';
      const issues = [{ field: 'role', rule: 'platform_only', message }];
      return problem(c, 'invalid_request', { message, details: { in: 'json', issues } });
    }
    case 'forbidden':
      return problem(c, code, isSelf ? { message: NOT_YOURSELF } : {});
    default:
      return problem(c, code);
  }
}

/** Users, for the tenant's admins. The database checks the role. */
export const userRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const users = await listUsers(dependenciesOf(c).database, administratorOf(c), c.req.valid('query'));
    return users.ok ? c.json(users.value, 200) : problem(c, users.failure.code);
  })
  .openapi(create, async (c) => {
    const { manager } = c.var;
    if (manager === null)
      return problem(c, 'forbidden', {
        message: 'Only servers with a management key create users. Invite people with POST /api/invitations.',
      });
    const request = c.req.valid('json');
    const created = await createUserForServer(dependenciesOf(c), manager, request, tenantOrigin(c.var));
    if (created.ok) return c.json(created.value.user, created.value.is_new ? 201 : 200);
    const { code } = created.failure;
    return code === 'unknown_level'
      ? problem(c, 'not_found', { details: { field: 'level_id' } })
      : problem(c, code);
  })
  .openapi(read, async (c) => {
    const found = await readUser(dependenciesOf(c), administratorOf(c), c.req.valid('param').id);
    return found.ok ? c.json(found.value, 200) : problem(c, found.failure.code);
  })
  .openapi(update, async (c) => {
    const { id } = c.req.valid('param');
    const { manager } = c.var;
    if (c.req.valid('json').role !== undefined) {
      if (manager !== null)
        return problem(c, 'forbidden', {
          message: 'Management keys change no roles. Sign in instead.',
          details: { field: 'role', rule: 'people_only' },
        });
      const unconfirmed = await confirmationRefusal(c);
      if (unconfirmed !== null) return unconfirmed;
    }
    const updated = await updateUser(dependenciesOf(c), administratorOf(c), id, c.req.valid('json'));
    if (updated.ok) return c.json(updated.value, 200);
    const isSelf = manager === null && id === c.var.claims.userId;
    return refuseUpdate(c, updated.failure.code, c.req.valid('json'), isSelf);
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
