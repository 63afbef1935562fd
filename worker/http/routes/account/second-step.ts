import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { authResponse } from '../../../../contracts/api/account/auth.ts';
import {
  passkeyOptions,
  passkeyOptionsRequest,
  passkeySignInRequest,
  secondFactorRequest,
  setUpPasskeyRequest,
  setUpResponse,
  setUpTotpRequest,
  setupRequest,
  totpEnrolment,
} from '../../../../contracts/api/account/factors.ts';
import { confirmedPasskey, confirmedTotp } from '../../../identity/factors/own-factors.ts';
import { optionsToProve } from '../../../identity/factors/passkeys.ts';
import { endSignIn, signInByPasskey, userOfTicket } from '../../../identity/factors/second-step.ts';
import { beginPasskeyByTicket, beginTotpByTicket, setUpFactor } from '../../../identity/factors/set-up.ts';
import type { TenantEnv } from '../../app-env.ts';
import { clientPlace } from '../../client-place.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { rememberDevice } from '../../device-cookie.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { attemptGuess, codeGuess } from '../../guessing.ts';
import { isLoginThrottled, loginThrottled } from '../../middleware/rate-limit.ts';
import { json, jsonBody, ofBody, open, openProblems } from '../../openapi/responses.ts';
import { passkeyPlace } from '../../passkey-place.ts';
import { tenantOrigin } from '../../tenant-origin.ts';

const tags = ['Identity'];
const ofTicket = [...ofBody, 'ticket_invalid', 'user_disabled'] as const;

const secondFactor = createRoute({
  method: 'post',
  path: '/login/second-factor',
  operationId: 'endLogIn',
  tags,
  summary: 'Log in: the second step.',
  description:
    'Takes the ticket of a sign-in that was refused with `second_factor_required`, and a code or a passkey. Each code works once. Wrong codes are limited per account; the limit is 429 with `Retry-After`.',
  security: open,
  request: jsonBody(secondFactorRequest),
  responses: {
    200: json(authResponse, 'The account and a session token.'),
    ...openProblems(...ofTicket, 'wrong_code', 'passkey_refused'),
  },
});

const options = createRoute({
  method: 'post',
  path: '/login/passkey/options',
  operationId: 'createPasskeyLogInOptions',
  tags,
  summary: 'Ask for the options of a sign-in by passkey.',
  description:
    'Returns the options of `navigator.credentials.get()`. Without a ticket they fit every passkey of this hostname, so the browser offers those that it has.',
  security: open,
  request: jsonBody(passkeyOptionsRequest, {}),
  responses: { 200: json(passkeyOptions, 'The options.'), ...openProblems(...ofTicket) },
});

const byPasskey = createRoute({
  method: 'post',
  path: '/login/passkey',
  operationId: 'logInByPasskey',
  tags,
  summary: 'Log in by a passkey.',
  description: 'Needs no password and no second step: a passkey is used with a PIN or a fingerprint.',
  security: open,
  request: jsonBody(passkeySignInRequest),
  responses: {
    200: json(authResponse, 'The account and a session token.'),
    ...openProblems(...ofBody, 'passkey_refused', 'user_disabled'),
  },
});

const beginTotpSetup = createRoute({
  method: 'post',
  path: '/login/setup/totp',
  operationId: 'beginTotpSetup',
  tags,
  summary: 'Log in: begin to set up an authenticator app.',
  description: 'Takes the ticket of a sign-in that was refused with `second_factor_setup_required`.',
  security: open,
  request: jsonBody(setupRequest),
  responses: { 200: json(totpEnrolment, 'The secret for the app.'), ...openProblems(...ofTicket) },
});

const confirmTotpSetup = createRoute({
  method: 'post',
  path: '/login/setup/totp/confirm',
  operationId: 'confirmTotpSetup',
  tags,
  summary: 'Log in: confirm the authenticator app.',
  description: 'Adds the app by its first code and signs in. Keep the recovery codes.',
  security: open,
  request: jsonBody(setUpTotpRequest),
  responses: {
    201: json(setUpResponse, 'The account, a session token and recovery codes.'),
    ...openProblems(...ofTicket, 'wrong_code'),
  },
});

const beginPasskeySetup = createRoute({
  method: 'post',
  path: '/login/setup/passkey/options',
  operationId: 'beginPasskeySetup',
  tags,
  summary: 'Log in: begin to set up a passkey.',
  description: 'Returns the options of `navigator.credentials.create()` for the user of the ticket.',
  security: open,
  request: jsonBody(setupRequest),
  responses: { 200: json(passkeyOptions, 'The options.'), ...openProblems(...ofTicket) },
});

const confirmPasskeySetup = createRoute({
  method: 'post',
  path: '/login/setup/passkey',
  operationId: 'confirmPasskeySetup',
  tags,
  summary: 'Log in: confirm the passkey.',
  description: 'Adds the passkey and signs in. Keep the recovery codes.',
  security: open,
  request: jsonBody(setUpPasskeyRequest),
  responses: {
    201: json(setUpResponse, 'The account, a session token and recovery codes.'),
    ...openProblems(...ofTicket, 'passkey_refused'),
  },
});

const isWrong = ({ code }: { code: string }) => code === 'wrong_code';

const namesOf = (c: Context<TenantEnv>) => ({
  place: passkeyPlace(c.var),
  origin: tenantOrigin(c.var),
  client: clientPlace(c),
  tenant_name: c.var.tenant.branding.name,
});

/** Sign-ins that go on with a second factor, or are made by a passkey alone. */
export const secondStepRoutes = new OpenAPIHono<TenantEnv>({ defaultHook: refuseInvalid })
  .openapi(secondFactor, async (c) => {
    const request = c.req.valid('json');
    const deps = dependenciesOf(c);
    const found = await userOfTicket(deps, c.var.tenant.id, 'check', request.ticket);
    if (!found.ok) return problem(c, found.failure.code);
    const { user } = found.value;
    if (await isLoginThrottled(c, user.id)) return loginThrottled(c);
    const attempt = () => endSignIn(deps, found.value, request, namesOf(c));
    // A passkey cannot be guessed.
    const guess = 'code' in request ? await codeGuess(c, c.var.tenant.id, user.id) : null;
    if (guess?.ok === false) return guess.answer;
    const ended = await (guess === null ? attempt() : attemptGuess(guess.value, attempt, isWrong));
    if (!ended.ok) return problem(c, ended.failure.code);
    await rememberDevice(c, user.email);
    return c.json(ended.value, 200);
  })
  .openapi(options, async (c) => {
    const { ticket } = c.req.valid('json');
    const { JWT_SECRET } = c.var.settings;
    const tenant_id = c.var.tenant.id;
    if (await isLoginThrottled(c, 'passkey options')) return loginThrottled(c);
    if (ticket === undefined) {
      const ofAnybody = { tenant_id, user_id: null };
      return c.json(await optionsToProve(JWT_SECRET, passkeyPlace(c.var), ofAnybody, []), 200);
    }
    const found = await userOfTicket(dependenciesOf(c), tenant_id, 'check', ticket);
    if (!found.ok) return problem(c, found.failure.code);
    const { owner, passkeys } = found.value;
    return c.json(await optionsToProve(JWT_SECRET, passkeyPlace(c.var), owner, passkeys), 200);
  })
  .openapi(byPasskey, async (c) => {
    const { passkey } = c.req.valid('json');
    if (await isLoginThrottled(c, `passkey ${passkey.id}`)) return loginThrottled(c);
    const signedIn = await signInByPasskey(dependenciesOf(c), c.var.tenant.id, passkey, namesOf(c));
    if (!signedIn.ok) return problem(c, signedIn.failure.code);
    await rememberDevice(c, signedIn.value.user.email);
    return c.json(signedIn.value, 200);
  });

/** Setting up a second factor before the first session of somebody who needs one. */
export const setUpRoutes = new OpenAPIHono<TenantEnv>({ defaultHook: refuseInvalid })
  .openapi(beginTotpSetup, async (c) => {
    const { ticket } = c.req.valid('json');
    const begun = await beginTotpByTicket(dependenciesOf(c), c.var.tenant.id, ticket, namesOf(c));
    return begun.ok ? c.json(begun.value, 200) : problem(c, begun.failure.code);
  })
  .openapi(confirmTotpSetup, async (c) => {
    const { ticket, ...request } = c.req.valid('json');
    const deps = dependenciesOf(c);
    const confirm = ({ owner }: { owner: Parameters<typeof confirmedTotp>[1] }) =>
      confirmedTotp(deps, owner, request);
    const setUp = await setUpFactor(deps, c.var.tenant.id, ticket, confirm, namesOf(c));
    if (!setUp.ok) return problem(c, setUp.failure.code);
    await rememberDevice(c, setUp.value.user.email);
    return c.json(setUp.value, 201);
  })
  .openapi(beginPasskeySetup, async (c) => {
    const { ticket } = c.req.valid('json');
    const begun = await beginPasskeyByTicket(dependenciesOf(c), c.var.tenant.id, ticket, namesOf(c));
    return begun.ok ? c.json(begun.value, 200) : problem(c, begun.failure.code);
  })
  .openapi(confirmPasskeySetup, async (c) => {
    const { ticket, ...request } = c.req.valid('json');
    const deps = dependenciesOf(c);
    const confirm = ({ owner }: { owner: Parameters<typeof confirmedPasskey>[1] }) =>
      confirmedPasskey(deps, owner, request, passkeyPlace(c.var));
    const setUp = await setUpFactor(deps, c.var.tenant.id, ticket, confirm, namesOf(c));
    if (!setUp.ok) return problem(c, setUp.failure.code);
    await rememberDevice(c, setUp.value.user.email);
    return c.json(setUp.value, 201);
  });
