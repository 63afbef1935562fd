import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  accountTokenRequest,
  accountTokenResponse,
  passwordResetConfirmation,
  passwordResetRequest,
  verificationRequest,
} from '../../../../contracts/api/account/account.ts';
import {
  confirmEmailChange,
  requestLink,
  requestPasswordReset,
  resetPassword,
  verifyEmail,
} from '../../../identity/account-links.ts';
import { accountTokenHash } from '../../../tenants/account-link.ts';
import type { TenantEnv } from '../../app-env.ts';
import { clientAddress } from '../../client-place.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { rememberDevice } from '../../device-cookie.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import {
  isLoginThrottled,
  loginThrottled,
  refuseTry,
  refuseWithoutTurnstile,
  TOO_MANY_MAILS,
} from '../../middleware/rate-limit.ts';
import { json, jsonBody, ofBody, open, openProblems } from '../../openapi/responses.ts';
import { refuseField } from '../../refuse-field.ts';
import { tenantOrigin } from '../../tenant-origin.ts';

const tags = ['Identity'];

const verify = createRoute({
  method: 'post',
  path: '/verify-email',
  operationId: 'verifyEmail',
  tags,
  summary: 'Verify an email address.',
  description:
    'Uses the link of a mail. An allocation that waits for the verification is granted. API keys and second factors from before end, unless the request has a session of the account: somebody else may have registered the address. A link works once, for 24 hours.',
  security: open,
  request: jsonBody(accountTokenRequest),
  responses: {
    200: json(accountTokenResponse, 'The verified address.'),
    ...openProblems(...ofBody, 'link_invalid'),
  },
});

const requestReset = createRoute({
  method: 'post',
  path: '/password-reset',
  operationId: 'requestPasswordReset',
  tags,
  summary: 'Ask for a link to reset a password.',
  description:
    'Mails a link if there is an account, at most one a minute. The answer is the same if there is none.',
  security: open,
  request: jsonBody(passwordResetRequest, { email: 'ada@example.com' }),
  responses: {
    202: { description: 'Accepted. Says nothing about whether there is an account.' },
    ...openProblems(...ofBody, 'mail_off'),
  },
});

const requestVerification = createRoute({
  method: 'post',
  path: '/verify-email/request',
  operationId: 'requestVerification',
  tags,
  summary: 'Ask for the link that verifies an address.',
  description:
    'Mails the link again if there is an account whose address is not verified, at most once a minute. The answer is the same if there is none.',
  security: open,
  request: jsonBody(verificationRequest, { email: 'ada@example.com' }),
  responses: {
    202: { description: 'Accepted. Says nothing about whether there is an account.' },
    ...openProblems(...ofBody, 'mail_off'),
  },
});

const confirmReset = createRoute({
  method: 'post',
  path: '/password-reset/confirm',
  operationId: 'resetPassword',
  tags,
  summary: 'Reset a password.',
  description:
    'Sets a new password by the link of a mail and ends every session of the account. Sign in afterwards. A link works once, for 30 minutes.',
  security: open,
  request: jsonBody(passwordResetConfirmation),
  responses: { 204: { description: 'The password is set.' }, ...openProblems(...ofBody, 'link_invalid') },
});

const confirmEmail = createRoute({
  method: 'post',
  path: '/email/confirm',
  operationId: 'confirmEmailChange',
  tags,
  summary: 'Confirm a new email address.',
  description:
    'Gives the account the address that the link was mailed to. Links mailed to the address before stop working. A link works once, for 24 hours.',
  security: open,
  request: jsonBody(accountTokenRequest),
  responses: {
    200: json(accountTokenResponse, 'The new address.'),
    ...openProblems(...ofBody, 'email_taken', 'link_invalid'),
  },
});

/** Returns where links lead, and who asks for one. */
const mailPlace = (c: Context<TenantEnv>) => ({ origin: tenantOrigin(c.var), address: clientAddress(c) });

/** Answers the same whether there is an account. */
function answerMail(c: Context<TenantEnv>, asked: Awaited<ReturnType<typeof requestPasswordReset>>) {
  if (asked.ok) return c.body(null, 202);
  const { failure } = asked;
  if (failure.code === 'field_refused') return refuseField(c, failure);
  if (failure.code === 'turnstile_down') return refuseWithoutTurnstile(c);
  return failure.code === 'mail_off' ? problem(c, failure.code) : refuseTry(c, failure, TOO_MANY_MAILS);
}

/** The links in mails, without a session. */
export const accountLinkRoutes = new OpenAPIHono<TenantEnv>({ defaultHook: refuseInvalid })
  .openapi(verify, async (c) => {
    const request = c.req.valid('json');
    if (await isLoginThrottled(c, accountTokenHash(request.token))) return loginThrottled(c);
    const verified = await verifyEmail(dependenciesOf(c), c.var.tenant, request, c.var.token);
    return verified.ok ? c.json(verified.value, 200) : problem(c, verified.failure.code);
  })
  .openapi(requestReset, async (c) => {
    const request = c.req.valid('json');
    if (await isLoginThrottled(c, request.email)) return loginThrottled(c);
    const place = { ...mailPlace(c), hostname: c.var.url.hostname };
    return answerMail(c, await requestPasswordReset(dependenciesOf(c), c.var.tenant, request, place));
  })
  .openapi(requestVerification, async (c) => {
    const { email } = c.req.valid('json');
    if (await isLoginThrottled(c, email)) return loginThrottled(c);
    const mail = { template: 'verify_email', email } as const;
    return answerMail(c, await requestLink(dependenciesOf(c), c.var.tenant, mail, mailPlace(c)));
  })
  .openapi(confirmReset, async (c) => {
    const request = c.req.valid('json');
    if (await isLoginThrottled(c, accountTokenHash(request.token))) return loginThrottled(c);
    const reset = await resetPassword(dependenciesOf(c), c.var.tenant, request, tenantOrigin(c.var));
    if (reset.ok) {
      await rememberDevice(c, reset.value.email);
      return c.body(null, 204);
    }
    const { failure } = reset;
    return failure.code === 'field_refused' ? refuseField(c, failure) : problem(c, failure.code);
  })
  .openapi(confirmEmail, async (c) => {
    const request = c.req.valid('json');
    if (await isLoginThrottled(c, accountTokenHash(request.token))) return loginThrottled(c);
    const changed = await confirmEmailChange(dependenciesOf(c), c.var.tenant, request, tenantOrigin(c.var));
    if (changed.ok) return c.json(changed.value, 200);
    const { code } = changed.failure;
    return code === 'email_taken'
      ? problem(c, code, { message: 'Another account has this email by now.' })
      : problem(c, code);
  });
