import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  account,
  authResponse,
  checkYourMail,
  loginRequest,
  registerRequest,
} from '../../../../contracts/api/account/auth.ts';
import {
  acceptInvitationRequest,
  lookUpInvitationRequest,
  openInvitation,
} from '../../../../contracts/api/account/invitations.ts';
import { requiresVerification } from '../../../../contracts/tenants/registration.ts';
import { getActingAccount, isActing } from '../../../db/users/acting-sessions.ts';
import { getMe } from '../../../db/users/users.ts';
import { logIn, logOut, registerUser } from '../../../identity/accounts.ts';
import type { SecondStepNeeded } from '../../../identity/factors/second-step.ts';
import { accountKeyOf } from '../../../identity/guessing/known-device.ts';
import { acceptInvitation, lookUpInvitation } from '../../../identity/invitations.ts';
import { isMailOn } from '../../../mail/mail.ts';
import { invitationHash } from '../../../tenants/invitation-link.ts';
import type { SessionEnv, TenantEnv } from '../../app-env.ts';
import { clientPlace } from '../../client-place.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { knownDevice, rememberDevice } from '../../device-cookie.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { attemptGuess, guessOf } from '../../guessing.ts';
import {
  isLoginThrottled,
  loginThrottled,
  refuseTry,
  refuseWithoutTurnstile,
} from '../../middleware/rate-limit.ts';
import { json, jsonBody, ofBody, open, openProblems, problems, session } from '../../openapi/responses.ts';
import { passkeyPlace } from '../../passkey-place.ts';
import { refuseField } from '../../refuse-field.ts';
import { tenantOrigin } from '../../tenant-origin.ts';

const tags = ['Identity'];
const credentials = { email: 'ada@example.com', password: 'a long passphrase' };

const register = createRoute({
  method: 'post',
  path: '/register',
  operationId: 'register',
  tags,
  summary: 'Create an account.',
  description:
    'Creates an account in the tenant of this hostname and signs in. Mails a link to verify the address. If the tenant has `requires_verification`, the account can sign in only once the link was used, and the answer is 202 for every address: an address that has an account gets a mail that says so.',
  security: open,
  request: jsonBody(registerRequest, credentials),
  responses: {
    201: json(authResponse, 'The account and a session token.'),
    202: json(checkYourMail, 'A mail is on its way. Says nothing about whether there was an account.'),
    ...openProblems(
      ...ofBody,
      'email_taken',
      'registration_closed',
      'invitation_required',
      'email_domain_refused',
      'invalid_credentials',
      'second_factor_required',
      'second_factor_setup_required',
    ),
  },
});

const login = createRoute({
  method: 'post',
  path: '/login',
  operationId: 'logIn',
  tags,
  summary: 'Log in.',
  description:
    'Returns a session token for an email and a password. Wrong passwords are limited per account and per network; the limit is 429 with `Retry-After`. A browser that has signed in before has a cookie, by which others cannot use up its attempts. 401 `second_factor_required` and `second_factor_setup_required` have a `ticket` in their details, with which the sign-in goes on.',
  security: open,
  request: jsonBody(loginRequest, credentials),
  responses: {
    200: json(authResponse, 'The account and a session token. Tokens are valid for 7 days by default.'),
    ...openProblems(
      ...ofBody,
      'invalid_credentials',
      'second_factor_required',
      'second_factor_setup_required',
      'user_disabled',
    ),
  },
});

const lookUp = createRoute({
  method: 'post',
  path: '/invitations/lookup',
  operationId: 'lookUpInvitation',
  tags,
  summary: 'Look up an invitation.',
  description: 'Returns the account that a link of this hostname makes. Does not use the link up.',
  security: open,
  request: jsonBody(lookUpInvitationRequest),
  responses: {
    200: json(openInvitation, 'The invitation.'),
    ...openProblems(...ofBody, 'invitation_invalid'),
  },
});

const accept = createRoute({
  method: 'post',
  path: '/invitations/accept',
  operationId: 'acceptInvitation',
  tags,
  summary: 'Accept an invitation.',
  description:
    'Creates the account that the link describes and signs in, also where registration is closed. A link works once.',
  security: open,
  request: jsonBody(acceptInvitationRequest),
  responses: {
    201: json(authResponse, 'The account and a session token.'),
    ...openProblems(
      ...ofBody,
      'email_taken',
      'invalid_credentials',
      'invitation_invalid',
      'second_factor_required',
      'second_factor_setup_required',
    ),
  },
});

const logout = createRoute({
  method: 'post',
  path: '/logout',
  operationId: 'logOut',
  tags,
  summary: 'Log out everywhere.',
  description:
    'Revokes all your session tokens. A superadmin who acts inside a tenant leaves it, and keeps the other sessions.',
  security: session,
  responses: { 204: { description: 'Signed out.' }, ...problems() },
});

const me = createRoute({
  method: 'get',
  path: '/me',
  operationId: 'getMe',
  tags,
  summary: 'Retrieve your account.',
  security: session,
  responses: { 200: json(account, 'Your account.'), ...problems() },
});

/** Says what may be wrong with a sign-in, and no more than is true of every account of the tenant. */
function refuseCredentials(c: Context<TenantEnv>) {
  const { tenant, settings } = c.var;
  const message =
    'The email or the password is incorrect, or the address is not verified yet. The link is in your mail.';
  return problem(
    c,
    'invalid_credentials',
    requiresVerification(tenant.allocation_after, isMailOn(settings)) ? { message } : {},
  );
}

/** Answers what a sign-in needs next: the details have the ticket. */
const askForSecondStep = (c: Context<TenantEnv>, { code, ...details }: SecondStepNeeded) =>
  problem(c, code, { details });

const needsSecondStep = <Failure extends { code: string }>(
  failure: Failure | SecondStepNeeded,
): failure is SecondStepNeeded => 'ticket' in failure;

/** Registration, login and invitations, without a session. Whoever proves an account here makes the device known to it. */
export const signInRoutes = new OpenAPIHono<TenantEnv>({ defaultHook: refuseInvalid })
  .openapi(register, async (c) => {
    const request = c.req.valid('json');
    if (await isLoginThrottled(c, request.email)) return loginThrottled(c);
    const registered = await registerUser(dependenciesOf(c), c.var.tenant, request, {
      origin: tenantOrigin(c.var),
      hostname: c.var.url.hostname,
      client: clientPlace(c),
      place: passkeyPlace(c.var),
    });
    if (registered.ok) {
      if ('status' in registered.value) return c.json(registered.value, 202);
      await rememberDevice(c, request.email);
      return c.json(registered.value, 201);
    }
    const { failure } = registered;
    if (needsSecondStep(failure)) return askForSecondStep(c, failure);
    if (failure.code === 'field_refused') return refuseField(c, failure);
    if (failure.code === 'turnstile_down') return refuseWithoutTurnstile(c);
    if (failure.code === 'rate_limited' || failure.code === 'unavailable')
      return refuseTry(c, failure, 'Too many accounts were created from your network, or here.');
    const { code } = failure;
    const ofEmail = code === 'email_domain_refused' ? { details: { field: 'email', rule: 'domain' } } : {};
    return problem(c, code, ofEmail);
  })
  .openapi(login, async (c) => {
    const request = c.req.valid('json');
    if (await isLoginThrottled(c, request.email)) return loginThrottled(c);
    const account = await accountKeyOf(c.var.tenant.id, request.email);
    const deviceId = await knownDevice(c, account);
    const guess = await guessOf(c, account, deviceId);
    if (!guess.ok) return guess.answer;
    const loggedIn = await attemptGuess(
      guess.value,
      () => logIn(dependenciesOf(c), c.var.tenant, request, clientPlace(c), passkeyPlace(c.var)),
      ({ code }) => code === 'invalid_credentials',
    );
    if (!loggedIn.ok) {
      const { failure } = loggedIn;
      if (needsSecondStep(failure)) return askForSecondStep(c, failure);
      return failure.code === 'invalid_credentials' ? refuseCredentials(c) : problem(c, failure.code);
    }
    await rememberDevice(c, request.email, deviceId);
    return c.json(loggedIn.value, 200);
  })
  .openapi(lookUp, async (c) => {
    const { token } = c.req.valid('json');
    if (await isLoginThrottled(c, invitationHash(token))) return loginThrottled(c);
    const found = await lookUpInvitation(dependenciesOf(c), c.var.tenant, token);
    return found.ok ? c.json(found.value, 200) : problem(c, found.failure.code);
  })
  .openapi(accept, async (c) => {
    const request = c.req.valid('json');
    if (await isLoginThrottled(c, invitationHash(request.token))) return loginThrottled(c);
    const accepted = await acceptInvitation(dependenciesOf(c), c.var.tenant, request, {
      origin: tenantOrigin(c.var),
      client: clientPlace(c),
      place: passkeyPlace(c.var),
    });
    if (accepted.ok) {
      await rememberDevice(c, accepted.value.user.email);
      return c.json(accepted.value, 201);
    }
    const { failure } = accepted;
    if (needsSecondStep(failure)) return askForSecondStep(c, failure);
    return failure.code === 'field_refused' ? refuseField(c, failure) : problem(c, failure.code);
  });

/** The account and the session of the caller. */
export const sessionRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(logout, async (c) => {
    const loggedOut = await logOut(dependenciesOf(c), c.var.claims);
    return loggedOut.ok ? c.body(null, 204) : problem(c, loggedOut.failure.code);
  })
  .openapi(me, async (c) => {
    const { database } = dependenciesOf(c);
    const { claims } = c.var;
    const me = isActing(claims) ? await getActingAccount(database, claims) : await getMe(database, claims);
    return me.ok ? c.json(me.value, 200) : problem(c, me.failure.code);
  });
