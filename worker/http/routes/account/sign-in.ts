import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { authResponse } from '../../../../contracts/api/account/auth.ts';
import { beginSignInParams, completeSignInRequest } from '../../../../contracts/api/account/sign-in.ts';
import { resourceId } from '../../../../contracts/resource-id.ts';
import { SIGN_IN_FAILURE_PARAM, type SignInFailure } from '../../../../contracts/tenants/sign-in-failures.ts';
import { ATTEMPT_LIFETIME_S, openAttempt } from '../../../sign-in/attempt.ts';
import { beginSignIn } from '../../../sign-in/begin.ts';
import { completeSignIn, finishSignIn } from '../../../sign-in/finish.ts';
import { TICKET_LIFETIME_S, ticketHash } from '../../../sign-in/ticket.ts';
import type { TenantEnv } from '../../app-env.ts';
import { clientAddress, clientPlace } from '../../client-place.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { rememberDevice } from '../../device-cookie.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { isLoginThrottled, loginThrottled } from '../../middleware/rate-limit.ts';
import { json, jsonBody, ofBody, open, openProblems } from '../../openapi/responses.ts';
import { passkeyPlace } from '../../passkey-place.ts';
import { CALLBACK_PATH, redirectUri } from '../../redirect-uri.ts';
import { tenantOrigin } from '../../tenant-origin.ts';

const tags = ['Identity'];

/** Cookies of a sign-in. Scripts cannot read them, and each is sent to one path alone. */
const ATTEMPT_COOKIE = 'sign-in-attempt';
const BROWSER_COOKIE = 'sign-in-browser';
const COMPLETE_PATH = '/api/auth/sign-in/complete';

const location = {
  Location: { schema: { type: 'string' as const }, description: 'Where the browser goes on.' },
};

const begin = createRoute({
  method: 'get',
  path: '/sign-in/{provider_id}',
  operationId: 'beginSignIn',
  tags,
  summary: 'Sign in at an identity provider.',
  description:
    'Open it in a browser. Leads to the provider, or back to the sign-in page with the reason in `sign_in_failure`.',
  security: open,
  request: {
    params: z.object({ provider_id: resourceId.describe('The id of the identity provider.') }),
    query: beginSignInParams,
  },
  responses: { 302: { description: 'Leads to the provider.', headers: location }, ...openProblems() },
});

const callback = createRoute({
  method: 'get',
  path: '/sign-in/callback',
  operationId: 'finishSignIn',
  tags,
  summary: 'Take the answer of an identity provider.',
  description:
    'The redirect URI of every provider. Works in the browser that began the sign-in, for 10 minutes. Leads to the web app with a ticket, or to the sign-in page with the reason in `sign_in_failure`.',
  security: open,
  responses: { 302: { description: 'Leads to the web app.', headers: location }, ...openProblems() },
});

const complete = createRoute({
  method: 'post',
  path: '/sign-in/complete',
  operationId: 'completeSignIn',
  tags,
  summary: 'End a sign-in at an identity provider.',
  description:
    'Exchanges the ticket of a sign-in for a session. It works once, for a minute, in the browser that signed in.',
  security: open,
  request: jsonBody(completeSignInRequest),
  responses: {
    200: json(authResponse, 'The account and a session token.'),
    ...openProblems(...ofBody, 'ticket_invalid', 'second_factor_required', 'second_factor_setup_required'),
  },
});

const setShortCookie = (
  c: Context<TenantEnv>,
  name: string,
  value: string,
  { path, maxAge }: { path: string; maxAge: number },
) => setCookie(c, name, value, { path, maxAge, httpOnly: true, secure: true, sameSite: 'Lax' });

/** Leads back to the sign-in page, which says why. */
const failed = (c: Context<TenantEnv>, code: SignInFailure) =>
  c.redirect(`${tenantOrigin(c.var)}/login?${SIGN_IN_FAILURE_PARAM}=${code}`, 302);

/** Sign-in at identity providers, without a session. */
export const identitySignInRoutes = new OpenAPIHono<TenantEnv>({ defaultHook: refuseInvalid })
  .openapi(callback, async (c) => {
    const sealed = getCookie(c, ATTEMPT_COOKIE) ?? null;
    deleteCookie(c, ATTEMPT_COOKIE, { path: CALLBACK_PATH, secure: true });
    const attempt = await openAttempt(c.var.settings.JWT_SECRET, c.var.tenant.id, sealed);
    const parameters = c.var.url.searchParams;
    if (attempt === null || parameters.get('state') !== attempt.state) return failed(c, 'expired');
    if (await isLoginThrottled(c, `provider ${attempt.providerId}`)) return failed(c, 'too_many_attempts');
    const finished = await finishSignIn(dependenciesOf(c), c.var.tenant, {
      ...{ attempt, parameters, redirect_uri: redirectUri(c.var) },
      ...{ origin: tenantOrigin(c.var), address: clientAddress(c) },
    });
    if (!finished.ok) {
      const { code } = finished.failure;
      return failed(c, code === 'unavailable' ? 'provider_failed' : code);
    }
    const { ticket, browser } = finished.value;
    setShortCookie(c, BROWSER_COOKIE, browser, { path: COMPLETE_PATH, maxAge: TICKET_LIFETIME_S });
    const query = new URLSearchParams({ return_to: attempt.returnTo });
    return c.redirect(`${tenantOrigin(c.var)}/sign-in?${query}#${ticket}`, 302);
  })
  .openapi(begin, async (c) => {
    const { provider_id } = c.req.valid('param');
    const { return_to = '/' } = c.req.valid('query');
    const begun = await beginSignIn(dependenciesOf(c), c.var.tenant, provider_id, {
      redirect_uri: redirectUri(c.var),
      return_to,
    });
    if (!begun.ok) return failed(c, begun.failure.code);
    setShortCookie(c, ATTEMPT_COOKIE, begun.value.cookie, {
      path: CALLBACK_PATH,
      maxAge: ATTEMPT_LIFETIME_S,
    });
    return c.redirect(begun.value.location, 302);
  })
  .openapi(complete, async (c) => {
    const { ticket } = c.req.valid('json');
    const browser = getCookie(c, BROWSER_COOKIE) ?? '';
    if (await isLoginThrottled(c, ticketHash(ticket, browser))) return loginThrottled(c);
    const completed = await completeSignIn(
      dependenciesOf(c),
      c.var.tenant,
      { ticket, browser },
      { client: clientPlace(c), place: passkeyPlace(c.var) },
    );
    deleteCookie(c, BROWSER_COOKIE, { path: COMPLETE_PATH, secure: true });
    if (!completed.ok) {
      const { code, ...details } = completed.failure;
      return problem(c, code, 'ticket' in details ? { details } : {});
    }
    await rememberDevice(c, completed.value.user.email);
    return c.json(completed.value, 200);
  });
