import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { authResponse, loginRequest, registerRequest, user } from '../../../contracts/api/auth.ts';
import { getMe } from '../../db/users.ts';
import { logIn, logOut, registerUser } from '../../identity/accounts.ts';
import type { SessionEnv, TenantEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem, refuseInvalid } from '../errors.ts';
import { isLoginThrottled, loginThrottled } from '../middleware/rate-limit.ts';
import { json, jsonBody, ofBody, open, openProblems, problems, session } from '../openapi/responses.ts';

const tags = ['Identity'];
const credentials = { email: 'ada@example.com', password: 'a long passphrase' };

const register = createRoute({
  method: 'post',
  path: '/register',
  operationId: 'register',
  tags,
  summary: 'Create an account.',
  description: 'Creates an account in the tenant of this hostname and signs in.',
  security: open,
  request: jsonBody(registerRequest, credentials),
  responses: {
    201: json(authResponse, 'The account and a session token.'),
    ...openProblems(...ofBody, 'email_taken', 'registration_closed'),
  },
});

const login = createRoute({
  method: 'post',
  path: '/login',
  operationId: 'logIn',
  tags,
  summary: 'Log in.',
  description: 'Returns a session token for an email and a password.',
  security: open,
  request: jsonBody(loginRequest, credentials),
  responses: {
    200: json(authResponse, 'The account and a session token. Tokens are valid for 7 days by default.'),
    ...openProblems(...ofBody, 'invalid_credentials', 'user_disabled'),
  },
});

const logout = createRoute({
  method: 'post',
  path: '/logout',
  operationId: 'logOut',
  tags,
  summary: 'Log out everywhere.',
  description: 'Revokes all your session tokens.',
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
  responses: { 200: json(user, 'Your account.'), ...problems() },
});

/** Registration and login, without a session. */
export const signInRoutes = new OpenAPIHono<TenantEnv>({ defaultHook: refuseInvalid })
  .openapi(register, async (c) => {
    const request = c.req.valid('json');
    if (await isLoginThrottled(c, request.email)) return loginThrottled(c);
    const registered = await registerUser(dependenciesOf(c), c.var.tenant, request);
    return registered.ok ? c.json(registered.value, 201) : problem(c, registered.failure.code);
  })
  .openapi(login, async (c) => {
    const request = c.req.valid('json');
    if (await isLoginThrottled(c, request.email)) return loginThrottled(c);
    const loggedIn = await logIn(dependenciesOf(c), c.var.tenant, request);
    return loggedIn.ok ? c.json(loggedIn.value, 200) : problem(c, loggedIn.failure.code);
  });

/** The account and the session of the caller. */
export const sessionRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(logout, async (c) => {
    const loggedOut = await logOut(dependenciesOf(c), c.var.claims);
    return loggedOut.ok ? c.body(null, 204) : problem(c, loggedOut.failure.code);
  })
  .openapi(me, async (c) => {
    const user = await getMe(dependenciesOf(c).database, c.var.claims);
    return user.ok ? c.json(user.value, 200) : problem(c, user.failure.code);
  });
