import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
  changeEmailRequest,
  changePasswordRequest,
  updateProfileRequest,
} from '../../../../contracts/api/account/account.ts';
import { authResponse, user } from '../../../../contracts/api/account/auth.ts';
import { saveOwnName } from '../../../db/users/own-account.ts';
import { changePassword, requestEmailChange, resendVerification } from '../../../identity/own-account.ts';
import type { SessionEnv } from '../../app-env.ts';
import { clientAddress, clientPlace } from '../../client-place.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { guessOwn } from '../../guessing.ts';
import { isLoginThrottled, loginThrottled, refuseTry, TOO_MANY_MAILS } from '../../middleware/rate-limit.ts';
import { json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';
import { refuseField } from '../../refuse-field.ts';
import { tenantOrigin } from '../../tenant-origin.ts';

const tags = ['Identity'];

const updateProfile = createRoute({
  method: 'patch',
  path: '/profile',
  operationId: 'updateProfile',
  tags,
  summary: 'Update your profile.',
  security: session,
  request: jsonBody(updateProfileRequest, { name: 'Ada Lovelace' }),
  responses: { 200: json(user, 'Your account after the change.'), ...problems(...ofBody) },
});

const setPassword = createRoute({
  method: 'post',
  path: '/password',
  operationId: 'changePassword',
  tags,
  summary: 'Change your password.',
  description:
    'Asks for the current password. Ends all your sessions, this one included, and returns a new one.',
  security: session,
  request: jsonBody(changePasswordRequest),
  responses: {
    200: json(authResponse, 'Your account and a new session token.'),
    ...problems(...ofBody, 'wrong_password'),
  },
});

const setEmail = createRoute({
  method: 'post',
  path: '/email',
  operationId: 'requestEmailChange',
  tags,
  summary: 'Ask for another email address.',
  description:
    'Asks for your password. Mails a link to the new address, which changes it when it is used, and a warning to the present one. The answer is the same if another account has the address.',
  security: session,
  request: jsonBody(changeEmailRequest),
  responses: {
    202: { description: 'Accepted.' },
    ...problems(...ofBody, 'mail_off', 'wrong_password'),
  },
});

const resend = createRoute({
  method: 'post',
  path: '/verify-email/resend',
  operationId: 'resendVerification',
  tags,
  summary: 'Mail the link that verifies your address again.',
  description: 'At most one mail a minute. The link before stops working. Does nothing if it is verified.',
  security: session,
  responses: { 202: { description: 'Accepted.' }, ...problems('mail_off') },
});

/** The caller's own account. */
export const ownAccountRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(updateProfile, async (c) => {
    const saved = await saveOwnName(dependenciesOf(c).database, c.var.claims, c.req.valid('json').name);
    return saved.ok ? c.json(saved.value, 200) : problem(c, saved.failure.code);
  })
  .openapi(setPassword, async (c) => {
    if (await isLoginThrottled(c, c.var.claims.userId)) return loginThrottled(c);
    const { claims } = c.var;
    const request = c.req.valid('json');
    const made = await guessOwn(c, () =>
      changePassword(dependenciesOf(c), claims, request, {
        origin: tenantOrigin(c.var),
        tenant_name: c.var.tenant.branding.name,
        client: clientPlace(c),
      }),
    );
    if (!made.ok) return made.answer;
    const changed = made.value;
    if (changed.ok) return c.json(changed.value, 200);
    const { failure } = changed;
    return failure.code === 'field_refused' ? refuseField(c, failure) : problem(c, failure.code);
  })
  .openapi(setEmail, async (c) => {
    if (await isLoginThrottled(c, c.var.claims.userId)) return loginThrottled(c);
    const { claims } = c.var;
    const request = c.req.valid('json');
    const made = await guessOwn(c, () =>
      requestEmailChange(dependenciesOf(c), claims, request, tenantOrigin(c.var)),
    );
    if (!made.ok) return made.answer;
    const asked = made.value;
    if (asked.ok) return c.body(null, 202);
    const { failure } = asked;
    return failure.code === 'field_refused' ? refuseField(c, failure) : problem(c, failure.code);
  })
  .openapi(resend, async (c) => {
    if (await isLoginThrottled(c, c.var.claims.userId)) return loginThrottled(c);
    const place = { origin: tenantOrigin(c.var), address: clientAddress(c) };
    const asked = await resendVerification(dependenciesOf(c), c.var.claims, place);
    if (asked.ok) return c.body(null, 202);
    const { failure } = asked;
    return failure.code === 'rate_limited' ? refuseTry(c, failure, TOO_MANY_MAILS) : problem(c, failure.code);
  });
