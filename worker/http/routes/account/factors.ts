import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { confirmRequest } from '../../../../contracts/api/account/confirmation.ts';
import {
  addedFactor,
  addPasskeyRequest,
  confirmTotpRequest,
  factor,
  factorList,
  newRecoveryCodes,
  passkeyOptions,
  renameFactorRequest,
  totpEnrolment,
} from '../../../../contracts/api/account/factors.ts';
import { ok } from '../../../../contracts/result.ts';
import { listFactorsOf, renameOwnFactor } from '../../../db/users/own-factors.ts';
import { getMe } from '../../../db/users/users.ts';
import { confirmSession, optionsToConfirm } from '../../../identity/factors/confirm.ts';
import {
  addPasskey,
  addTotp,
  beginPasskey,
  beginTotp,
  removeFactor,
  renewRecoveryCodes,
} from '../../../identity/factors/own-factors.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { guessOwn } from '../../guessing.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';
import { passkeyPlace } from '../../passkey-place.ts';
import { refuseField } from '../../refuse-field.ts';
import { tenantOrigin } from '../../tenant-origin.ts';

const tags = ['Identity'];
const idOf = idParam('The id of the factor.');

const list = createRoute({
  method: 'get',
  path: '/factors',
  operationId: 'listFactors',
  tags,
  summary: 'List your second factors.',
  security: session,
  responses: { 200: json(factorList, 'The factors.'), ...problems() },
});

const beginApp = createRoute({
  method: 'post',
  path: '/factors/totp',
  operationId: 'beginTotp',
  'x-confirm': true,
  tags,
  summary: 'Begin to add an authenticator app.',
  description: 'Returns a secret for the app. Nothing is stored before a code confirms it.',
  security: session,
  responses: { 200: json(totpEnrolment, 'The secret.'), ...problems('confirmation_required') },
});

const confirmApp = createRoute({
  method: 'post',
  path: '/factors/totp/confirm',
  operationId: 'confirmTotp',
  'x-confirm': true,
  tags,
  summary: 'Add an authenticator app by its first code.',
  description:
    'From then on, sign-ins with the password ask for a code. The first factor comes with recovery codes.',
  security: session,
  request: jsonBody(confirmTotpRequest),
  responses: {
    201: json(addedFactor, 'The factor.'),
    ...problems(
      ...ofBody,
      'confirmation_required',
      'factor_exists',
      'ticket_invalid',
      'too_many_factors',
      'wrong_code',
    ),
  },
});

const beginKey = createRoute({
  method: 'post',
  path: '/factors/passkeys/options',
  operationId: 'createPasskeyOptions',
  'x-confirm': true,
  tags,
  summary: 'Begin to add a passkey.',
  description: 'Returns the options of `navigator.credentials.create()`.',
  security: session,
  responses: { 200: json(passkeyOptions, 'The options.'), ...problems('confirmation_required') },
});

const addKey = createRoute({
  method: 'post',
  path: '/factors/passkeys',
  operationId: 'createPasskey',
  'x-confirm': true,
  tags,
  summary: 'Add a passkey.',
  description: 'It works at this hostname. You can have 20. The first factor comes with recovery codes.',
  security: session,
  request: jsonBody(addPasskeyRequest),
  responses: {
    201: json(addedFactor, 'The factor.'),
    ...problems(...ofBody, 'confirmation_required', 'factor_exists', 'passkey_refused', 'too_many_factors'),
  },
});

const rename = createRoute({
  method: 'patch',
  path: '/factors/{id}',
  operationId: 'renameFactor',
  tags,
  summary: 'Rename a second factor.',
  security: session,
  request: { params: idOf, ...jsonBody(renameFactorRequest, { name: 'Work laptop' }) },
  responses: { 200: json(factor, 'The factor after the change.'), ...problems(...ofBody, 'not_found') },
});

const remove = createRoute({
  method: 'delete',
  path: '/factors/{id}',
  operationId: 'deleteFactor',
  'x-confirm': true,
  tags,
  summary: 'Remove a second factor.',
  description:
    'The last one takes the recovery codes with it. It stays if your tenant requires a second factor of you.',
  security: session,
  request: { params: idOf },
  responses: {
    204: { description: 'Removed.' },
    ...problems('confirmation_required', 'last_factor', 'not_found'),
  },
});

const renewCodes = createRoute({
  method: 'post',
  path: '/factors/recovery-codes',
  operationId: 'createRecoveryCodes',
  'x-confirm': true,
  tags,
  summary: 'Make new recovery codes.',
  description: 'The codes from before stop working.',
  security: session,
  responses: {
    201: json(newRecoveryCodes, 'The codes.'),
    ...problems('confirmation_required', 'second_factor_missing'),
  },
});

const confirm = createRoute({
  method: 'post',
  path: '/confirm',
  operationId: 'confirmSession',
  tags,
  summary: 'Confirm that it is you.',
  description:
    'Some operations answer 403 `confirmation_required` unless you signed in or confirmed within the last 15 minutes. Who has a second factor confirms by it: by a code or a passkey, not by the password. Wrong passwords and codes are limited per account.',
  security: session,
  request: jsonBody(confirmRequest, { password: 'a long passphrase' }),
  responses: {
    204: { description: 'Confirmed, for 15 minutes.' },
    ...problems(...ofBody, 'passkey_refused', 'wrong_code', 'wrong_password'),
  },
});

const confirmOptions = createRoute({
  method: 'post',
  path: '/confirm/passkey/options',
  operationId: 'createConfirmOptions',
  tags,
  summary: 'Ask for the options to confirm by a passkey.',
  description: 'Returns the options of `navigator.credentials.get()` for your passkeys.',
  security: session,
  responses: { 200: json(passkeyOptions, 'The options.'), ...problems() },
});

const placeOf = (c: Context<SessionEnv>) => ({
  place: passkeyPlace(c.var),
  origin: tenantOrigin(c.var),
  tenant_name: c.var.tenant.branding.name,
});

/** The second factors of the caller. */
export const factorRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const { tenantId: tenant_id, userId: id } = c.var.claims;
    const listed = await listFactorsOf(dependenciesOf(c).database, c.var.claims, { tenant_id, id });
    return listed.ok ? c.json(listed.value, 200) : problem(c, listed.failure.code);
  })
  .openapi(beginApp, async (c) => {
    const deps = dependenciesOf(c);
    const me = await getMe(deps.database, c.var.claims);
    if (!me.ok) return problem(c, me.failure.code);
    const { tenant_id, id: user_id, email } = me.value;
    return c.json(await beginTotp(deps, { tenant_id, user_id }, { ...placeOf(c), email }), 200);
  })
  .openapi(confirmApp, async (c) => {
    const added = await addTotp(dependenciesOf(c), c.var.claims, c.req.valid('json'), placeOf(c));
    return added.ok ? c.json(added.value, 201) : problem(c, added.failure.code);
  })
  .openapi(beginKey, async (c) => {
    const begun = await beginPasskey(dependenciesOf(c), c.var.claims, placeOf(c));
    return begun.ok ? c.json(begun.value, 200) : problem(c, begun.failure.code);
  })
  .openapi(addKey, async (c) => {
    const added = await addPasskey(dependenciesOf(c), c.var.claims, c.req.valid('json'), placeOf(c));
    return added.ok ? c.json(added.value, 201) : problem(c, added.failure.code);
  })
  .openapi(rename, async (c) => {
    const { id } = c.req.valid('param');
    const renamed = await renameOwnFactor(
      dependenciesOf(c).database,
      c.var.claims,
      id,
      c.req.valid('json').name,
    );
    return renamed.ok ? c.json(renamed.value, 200) : problem(c, renamed.failure.code);
  })
  .openapi(remove, async (c) => {
    const { id } = c.req.valid('param');
    const removed = await removeFactor(dependenciesOf(c), c.var.claims, id, tenantOrigin(c.var));
    return removed.ok ? c.body(null, 204) : problem(c, removed.failure.code);
  })
  .openapi(renewCodes, async (c) => {
    const renewed = await renewRecoveryCodes(dependenciesOf(c), c.var.claims, tenantOrigin(c.var));
    return renewed.ok ? c.json(renewed.value, 201) : problem(c, renewed.failure.code);
  });

/** Asks the caller again who they are. */
export const confirmRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(confirm, async (c) => {
    const { claims } = c.var;
    const request = c.req.valid('json');
    const attempt = () => confirmSession(dependenciesOf(c), claims, request, placeOf(c));
    // A passkey cannot be guessed.
    const made = 'passkey' in request ? ok(await attempt()) : await guessOwn(c, attempt);
    if (!made.ok) return made.answer;
    const confirmed = made.value;
    if (confirmed.ok) return c.body(null, 204);
    const { failure } = confirmed;
    return failure.code === 'field_refused' ? refuseField(c, failure) : problem(c, failure.code);
  })
  .openapi(confirmOptions, async (c) => {
    const options = await optionsToConfirm(dependenciesOf(c), c.var.claims, passkeyPlace(c.var));
    return options.ok ? c.json(options.value, 200) : problem(c, options.failure.code);
  });
