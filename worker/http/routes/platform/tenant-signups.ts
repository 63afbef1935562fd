import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
  tenantSignupRequest,
  tenantSignupResponse,
  tenantSignupSetting,
} from '../../../../contracts/api/platform/tenant-signups.ts';
import { getTenantSignupMode } from '../../../db/tenants/found-tenant.ts';
import { saveTenantSignupMode } from '../../../db/tenants/tenant-lifecycle.ts';
import { refuseDisposableEmail } from '../../../identity/disposable-email.ts';
import { signUpTenant } from '../../../platform/found-tenant.ts';
import type { SessionEnv, TenantEnv } from '../../app-env.ts';
import { clientAddress } from '../../client-place.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid, refuseTakenSlug } from '../../errors.ts';
import {
  isLoginThrottled,
  loginThrottled,
  refuseTry,
  refuseWithoutTurnstile,
} from '../../middleware/rate-limit.ts';
import { json, jsonBody, ofBody, open, openProblems, problems, session } from '../../openapi/responses.ts';
import { refuseField } from '../../refuse-field.ts';

const tags = ['Tenants'];

const read = createRoute({
  method: 'get',
  path: '/',
  operationId: 'getTenantSignupSetting',
  tags,
  summary: 'Retrieve the rule for sign-ups.',
  description: "Tells whether anybody can sign up a tenant. On the platform's hostname.",
  security: open,
  responses: { 200: json(tenantSignupSetting, 'The rule.'), ...openProblems('not_found') },
});

const signUp = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createTenantSignup',
  tags,
  summary: 'Sign up a tenant.',
  description:
    "Creates a tenant with you as its first admin, if the platform allows it. The email address is not verified. On the platform's hostname.",
  security: open,
  request: jsonBody(tenantSignupRequest, { slug: 'acme', name: 'Acme', email: 'ada@acme.example' }),
  responses: {
    201: json(tenantSignupResponse, 'The tenant.'),
    ...openProblems(...ofBody, 'name_taken', 'not_found', 'registration_closed'),
  },
});

const set = createRoute({
  method: 'put',
  path: '/',
  operationId: 'setTenantSignupSetting',
  tags,
  summary: 'Set the rule for sign-ups.',
  description: "Takes effect at once. Superadmins only, on the platform's hostname.",
  security: session,
  request: jsonBody(tenantSignupSetting),
  responses: {
    200: json(tenantSignupSetting, 'The rule after the change.'),
    ...problems(...ofBody, 'not_found'),
  },
});

/** The time after which a sign-up can be tried again when there were too many, in milliseconds. */
const SIGNUPS_PAUSE_MS = 3_600_000;

/** Sign-ups, without a session. */
export const tenantSignupRoutes = new OpenAPIHono<TenantEnv>({ defaultHook: refuseInvalid })
  .openapi(read, async (c) => c.json({ mode: await getTenantSignupMode(dependenciesOf(c).database) }, 200))
  .openapi(signUp, async (c) => {
    // One bucket for each client address.
    if (await isLoginThrottled(c, 'tenant-signup')) return loginThrottled(c);
    const request = c.req.valid('json');
    const lasting = await refuseDisposableEmail(request.email);
    if (!lasting.ok) return refuseField(c, lasting.failure);
    const signedUp = await signUpTenant(dependenciesOf(c), request, {
      requested: c.var.url,
      address: clientAddress(c),
    });
    if (signedUp.ok) return c.json(signedUp.value, 201);
    const { failure } = signedUp;
    if (failure.code === 'name_taken') return refuseTakenSlug(c);
    if (failure.code === 'field_refused') return refuseField(c, failure);
    if (failure.code === 'turnstile_down') return refuseWithoutTurnstile(c);
    if (failure.code === 'rate_limited' || failure.code === 'unavailable')
      return refuseTry(c, failure, 'Too many tenants were signed up from your network.');
    if (failure.code === 'too_many_today')
      return problem(c, 'rate_limited', {
        message: 'Too many tenants signed up today. Try again later.',
        retry_after_ms: SIGNUPS_PAUSE_MS,
      });
    return problem(c, failure.code, {
      message: 'Sign-ups are closed. Ask the owner of the platform for a tenant.',
    });
  });

/** The platform's rule, for superadmins. The database checks the role. */
export const tenantSignupSettingRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid }).openapi(
  set,
  async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const { mode } = c.req.valid('json');
    const saved = await saveTenantSignupMode(database, c.var.claims, mode, requestId);
    return saved.ok ? c.json({ mode }, 200) : problem(c, saved.failure.code);
  },
);
