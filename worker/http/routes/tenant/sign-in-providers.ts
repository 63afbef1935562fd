import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  createSignInProviderRequest,
  signInProvider,
  signInProviderPatch,
  signInProviderTest,
  testSignInProviderRequest,
} from '../../../../contracts/api/account/sign-in.ts';
import { listOf } from '../../../../contracts/api/paging.ts';
import {
  deleteSignInProvider,
  listSignInProviders,
  type StoredSignInProvider,
} from '../../../db/tenants/sign-in-providers.ts';
import { addSignInProvider, changeSignInProvider, testIssuer } from '../../../sign-in/manage-providers.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';
import { redirectUri } from '../../redirect-uri.ts';

const tags = ['Tenant'];
const idOf = idParam('The id of the identity provider.');

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listSignInProviders',
  tags,
  summary: 'List the identity providers.',
  description: 'Returns where people can sign in to this tenant, besides with a password. Admins only.',
  security: session,
  responses: { 200: json(listOf(signInProvider), 'All of them, in one page.'), ...problems() },
});

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createSignInProvider',
  'x-confirm': true,
  tags,
  summary: 'Add an identity provider.',
  description:
    "Reads the issuer's discovery document first, and refuses with `provider_test_failed` and the broken rule. The client secret is encrypted and never returned. Admins only.",
  security: session,
  request: jsonBody(createSignInProviderRequest, {
    ...{ kind: 'google', name: 'Google', client_id: '1234.apps.googleusercontent.com', client_secret: '...' },
  }),
  responses: {
    201: json(signInProvider, 'The identity provider.'),
    ...problems(...ofBody, 'confirmation_required', 'name_taken', 'not_found', 'provider_test_failed'),
  },
});

const test = createRoute({
  method: 'post',
  path: '/test',
  operationId: 'testSignInProvider',
  tags,
  summary: 'Test an issuer.',
  description: "Reads the issuer's discovery document and returns the result. Nothing is saved. Admins only.",
  security: session,
  request: jsonBody(testSignInProviderRequest, { issuer: 'https://accounts.google.com' }),
  responses: { 200: json(signInProviderTest, 'The result.'), ...problems(...ofBody) },
});

const update = createRoute({
  method: 'patch',
  path: '/{id}',
  operationId: 'updateSignInProvider',
  'x-confirm': true,
  tags,
  summary: 'Update an identity provider.',
  description: 'Fields you leave out keep their value. Its kind and issuer stay. Admins only.',
  security: session,
  request: { params: idOf, ...jsonBody(signInProviderPatch, { enabled: false }) },
  responses: {
    200: json(signInProvider, 'The identity provider after the change.'),
    ...problems(...ofBody, 'confirmation_required', 'name_taken', 'not_found'),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/{id}',
  operationId: 'deleteSignInProvider',
  tags,
  summary: 'Delete an identity provider.',
  description: 'Refused while somebody is linked to it: disable it instead. Admins only.',
  security: session,
  request: { params: idOf },
  responses: { 204: { description: 'Deleted.' }, ...problems('in_use', 'not_found') },
});

const presented = (c: Context<SessionEnv>, provider: StoredSignInProvider) => ({
  ...provider,
  redirect_uri: redirectUri(c.var),
});

const NAME_TAKEN = { details: { field: 'name', rule: 'taken' } };

/** The identity providers of the tenant, for its admins. The database checks the role. */
export const signInProviderRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const providers = await listSignInProviders(dependenciesOf(c).database, c.var.claims);
    if (!providers.ok) return problem(c, providers.failure.code);
    return c.json({ items: providers.value.map((one) => presented(c, one)) }, 200);
  })
  .openapi(create, async (c) => {
    const added = await addSignInProvider(dependenciesOf(c), c.var.claims, c.req.valid('json'));
    if (added.ok) return c.json(presented(c, added.value), 201);
    const { failure } = added;
    if (failure.code !== 'discovery_failed')
      return problem(c, failure.code, failure.code === 'name_taken' ? NAME_TAKEN : {});
    const { rule, message } = failure;
    return problem(c, 'provider_test_failed', { message, details: { field: 'issuer', rule } });
  })
  .openapi(test, async (c) => {
    const tested = await testIssuer(dependenciesOf(c), c.var.claims, c.req.valid('json').issuer);
    return tested.ok ? c.json(tested.value, 200) : problem(c, tested.failure.code);
  })
  .openapi(update, async (c) => {
    const { id } = c.req.valid('param');
    const changed = await changeSignInProvider(dependenciesOf(c), c.var.claims, id, c.req.valid('json'));
    if (changed.ok) return c.json(presented(c, changed.value), 200);
    const { code } = changed.failure;
    return problem(c, code, code === 'name_taken' ? NAME_TAKEN : {});
  })
  .openapi(remove, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const removed = await deleteSignInProvider(database, c.var.claims, c.req.valid('param').id, requestId);
    return removed.ok ? c.body(null, 204) : problem(c, removed.failure.code);
  });
