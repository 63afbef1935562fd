import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { authResponse, loginRequest, registerRequest, user } from '../../../contracts/api/auth.ts';
import { getMe } from '../../db/users.ts';
import { logIn, logOut, registerUser } from '../../identity/accounts.ts';
import type { SessionEnv, TenantEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem, refuseInvalid } from '../errors.ts';
import { isLoginThrottled, loginThrottled } from '../middleware/rate-limit.ts';
import { json, jsonBody, ofBody, openProblems, problems, session } from '../openapi/responses.ts';

const tags = ['Identity'];
const credentials = { email: 'ada@example.com', password: 'a long passphrase' };

const register = createRoute({
  method: 'post',
  path: '/register',
  tags,
  summary: "Makes an account in this hostname's tenant and signs it in.",
  request: jsonBody(registerRequest, credentials),
  responses: {
    201: json(authResponse, 'The account and a session token'),
    ...openProblems(...ofBody, 'email_taken', 'registration_closed'),
  },
});

const login = createRoute({
  method: 'post',
  path: '/login',
  tags,
  summary: 'Signs in with email and password.',
  request: jsonBody(loginRequest, credentials),
  responses: {
    200: json(authResponse, 'A session token, valid for 7 days unless configured otherwise'),
    ...openProblems(...ofBody, 'invalid_credentials', 'user_disabled'),
  },
});

const logout = createRoute({
  method: 'post',
  path: '/logout',
  tags,
  summary: 'Signs out everywhere: revokes every session token issued to this user so far.',
  security: session,
  responses: { 204: { description: 'Signed out' }, ...problems() },
});

const me = createRoute({
  method: 'get',
  path: '/me',
  tags,
  summary: 'The user behind the token.',
  security: session,
  responses: { 200: json(user, 'The user, role and level fresh from the database'), ...problems() },
});

/** Who has no session yet may register and log in. */
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

/** Who has a session may read who they are and end it. */
export const sessionRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(logout, async (c) => {
    const loggedOut = await logOut(dependenciesOf(c), c.var.claims);
    return loggedOut.ok ? c.body(null, 204) : problem(c, loggedOut.failure.code);
  })
  .openapi(me, async (c) => {
    const user = await getMe(dependenciesOf(c).database, c.var.claims);
    return user.ok ? c.json(user.value, 200) : problem(c, user.failure.code);
  });
