import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { z } from 'zod';
import { pageOf } from '../../../../contracts/api/paging.ts';
import { tenantExportLine } from '../../../../contracts/api/platform/tenant-export.ts';
import {
  createdTenant,
  createTenantRequest,
  deletionHeaders,
  deletionParams,
  tenantDetail,
  tenantListParams,
  tenantPatch,
  tenantSummary,
} from '../../../../contracts/api/platform/tenants.ts';
import {
  actingSessionRequest,
  startedActingSession,
} from '../../../../contracts/api/tenant/acting-sessions.ts';
import { beginDeletion, type SlugRefusal, updateTenant } from '../../../db/tenants/tenant-lifecycle.ts';
import { getTenant, listTenants } from '../../../db/tenants/tenants.ts';
import { openTenant } from '../../../identity/acting.ts';
import { exportTenant } from '../../../platform/export-tenant.ts';
import { createTenant } from '../../../platform/found-tenant.ts';
import { presentTenantDetail, presentTenantSummary } from '../../../platform/present-tenant.ts';
import { originOfTenant } from '../../../tenants/invitation-link.ts';
import { applyTenantChange } from '../../../tenants/tenant-standing.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid, refuseTakenSlug } from '../../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';

const tags = ['Tenants'];
const idOf = idParam('The id of the tenant.');
const ONLY = "Superadmins only, on the platform's hostname.";

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listTenants',
  tags,
  summary: 'List the tenants.',
  description: `Returns tenants with their users, and with executions and cost of this month. ${ONLY}`,
  security: session,
  request: { query: tenantListParams },
  responses: {
    200: json(pageOf(tenantSummary), 'A page of tenants.'),
    ...problems('invalid_cursor', 'not_found'),
  },
});

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createTenant',
  'x-confirm': true,
  tags,
  summary: 'Create a tenant.',
  description: `Creates a tenant with a default level, closed to registration, and invites its first admin. Give the link to that person: it is shown once. Without a budget, executions on the platform's keys are refused. ${ONLY}`,
  security: session,
  request: jsonBody(createTenantRequest, { slug: 'acme', name: 'Acme', admin_email: 'ada@acme.example' }),
  responses: {
    201: json(createdTenant, 'The tenant, and the invitation of its first admin.'),
    ...problems(...ofBody, 'confirmation_required', 'name_taken', 'not_found'),
  },
});

const read = createRoute({
  method: 'get',
  path: '/{id}',
  operationId: 'getTenantDetail',
  tags,
  summary: 'Retrieve a tenant.',
  description: `Returns the tenant with its brand, its status and its admins. ${ONLY}`,
  security: session,
  request: { params: idOf },
  responses: { 200: json(tenantDetail, 'The tenant.'), ...problems('not_found') },
});

const update = createRoute({
  method: 'patch',
  path: '/{id}',
  operationId: 'updateTenant',
  tags,
  summary: 'Update a tenant.',
  description: `Changes the name, the brand or the slug, suspends the tenant, resumes it, or restores it during its grace period. ${ONLY}`,
  security: session,
  request: { params: idOf, ...jsonBody(tenantPatch) },
  responses: {
    200: json(tenantDetail, 'The tenant after the change.'),
    ...problems(...ofBody, 'name_taken', 'not_found', 'tenant_deleted'),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/{id}',
  operationId: 'deleteTenant',
  'x-confirm': true,
  tags,
  summary: 'Delete a tenant.',
  description: `Stops the tenant at once. At the end of the grace period its contents, secrets and personal data are erased and its slug is free. Ledgers, executions and the audit log stay. Until then, the tenant can be restored by its status. ${ONLY}`,
  security: session,
  request: { params: idOf, query: deletionParams, headers: deletionHeaders },
  responses: {
    200: json(tenantDetail, 'The tenant, with the end of its grace period.'),
    ...problems('confirmation_required', 'not_found', 'tenant_deleted'),
  },
});

const open = createRoute({
  method: 'post',
  path: '/{id}/sessions',
  operationId: 'createActingSession',
  'x-confirm': true,
  tags,
  summary: 'Act inside a tenant.',
  description: `Opens a session of 15 minutes in the tenant, with the rights of an admin and without access to prompts, answers, keys and wallets of its users. The tenant's audit log records the reason and every change. ${ONLY}`,
  security: session,
  request: { params: idOf, ...jsonBody(actingSessionRequest) },
  responses: {
    201: json(startedActingSession, 'The session and its token.'),
    ...problems(...ofBody, 'confirmation_required', 'not_found'),
  },
});

/** The answer is a stream. A record of any media types keeps it out of the handler's types. */
const lines: Record<string, { schema: z.ZodType }> = { 'application/x-ndjson': { schema: tenantExportLine } };

const exportAll = createRoute({
  method: 'get',
  path: '/{id}/export',
  operationId: 'exportTenant',
  tags,
  summary: 'Export a tenant.',
  description: `Returns users, levels, models, prices, executions and the ledger as NDJSON, without secrets and contents. ${ONLY}`,
  security: session,
  request: { params: idOf },
  responses: {
    200: { description: 'One JSON object per line.', content: lines },
    ...problems('not_found'),
  },
});

/** Answers a change that the platform's own tenant does not take. */
const refusePlatform = (c: Context<SessionEnv>) =>
  problem(c, 'forbidden', {
    message: "The platform's own tenant keeps its slug, and is never suspended, deleted or entered.",
    details: { field: 'id', rule: 'platform_tenant' },
  });

/** Answers a slug that the tenant cannot have. */
const refuseSlug = (c: Context<SessionEnv>, code: SlugRefusal) =>
  code === 'name_taken'
    ? refuseTakenSlug(c)
    : problem(c, 'invalid_request', {
        message: 'The slug changed within the last 30 days. It cannot change again before.',
        details: { field: 'slug', rule: 'changed_recently' },
      });

/** Answers a deletion that does not name the tenant's slug. */
const refuseUnconfirmed = (c: Context<SessionEnv>) =>
  problem(c, 'invalid_request', {
    message: 'x-confirm-slug: expects the slug of the tenant, which confirms that this one is meant.',
    details: { field: 'x-confirm-slug', rule: 'must_be_the_slug' },
  });

/** Tenants, for superadmins. The database checks the role. */
export const tenantsRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const { database, settings } = dependenciesOf(c);
    const page = await listTenants(database, c.var.claims, c.req.valid('query'), settings.PLATFORM_DOMAIN);
    if (!page.ok) return problem(c, page.failure.code);
    const { items, next_cursor } = page.value;
    return c.json({ items: items.map((tenant) => presentTenantSummary(tenant, settings)), next_cursor }, 200);
  })
  .openapi(create, async (c) => {
    const created = await createTenant(dependenciesOf(c), c.var.claims, c.req.valid('json'), c.var.url);
    if (created.ok) return c.json(created.value, 201);
    const { code } = created.failure;
    return code === 'name_taken' ? refuseSlug(c, code) : problem(c, code);
  })
  .openapi(read, async (c) => {
    const { database, settings } = dependenciesOf(c);
    const tenant = await getTenant(database, c.var.claims, c.req.valid('param').id);
    return tenant.ok
      ? c.json(presentTenantDetail(tenant.value, settings), 200)
      : problem(c, tenant.failure.code);
  })
  .openapi(update, async (c) => {
    const deps = dependenciesOf(c);
    const { database, settings, requestId } = deps;
    const { id } = c.req.valid('param');
    const changed = await updateTenant(database, c.var.claims, id, c.req.valid('json'), requestId);
    if (!changed.ok) {
      const { code } = changed.failure;
      if (code === 'platform_tenant') return refusePlatform(c);
      return code === 'name_taken' || code === 'slug_held' ? refuseSlug(c, code) : problem(c, code);
    }
    const { tenant, former_slug } = changed.value;
    const applied = await applyTenantChange(deps, tenant, former_slug);
    if (!applied.ok) return problem(c, applied.failure.code);
    return c.json(presentTenantDetail(tenant, settings), 200);
  })
  .openapi(remove, async (c) => {
    const deps = dependenciesOf(c);
    const { database, settings, requestId: request_id } = deps;
    const confirmed_slug = c.req.valid('header')['x-confirm-slug'];
    const { grace_days } = c.req.valid('query');
    const terms = { confirmed_slug, grace_days, request_id };
    const begun = await beginDeletion(database, c.var.claims, c.req.valid('param').id, terms);
    if (!begun.ok) {
      const { code } = begun.failure;
      if (code === 'platform_tenant') return refusePlatform(c);
      return code === 'not_confirmed' ? refuseUnconfirmed(c) : problem(c, code);
    }
    const { tenant, former_slug } = begun.value;
    const applied = await applyTenantChange(deps, tenant, former_slug);
    if (!applied.ok) return problem(c, applied.failure.code);
    return c.json(presentTenantDetail(tenant, settings), 200);
  })
  .openapi(open, async (c) => {
    const { id } = c.req.valid('param');
    const opened = await openTenant(dependenciesOf(c), c.var.claims, id, c.req.valid('json').reason);
    if (!opened.ok) {
      const { code } = opened.failure;
      return code === 'platform_tenant' ? refusePlatform(c) : problem(c, code);
    }
    const { token, tenant_slug, session } = opened.value;
    const origin = originOfTenant(tenant_slug, c.var.url, c.var.settings);
    return c.json({ token, url: `${origin}/acting#${token}`, session }, 201);
  })
  .openapi(exportAll, async (c) => {
    const exported = await exportTenant(dependenciesOf(c), c.var.claims, c.req.valid('param').id);
    if (!exported.ok) return problem(c, exported.failure.code);
    return new Response(exported.value.lines, {
      headers: {
        'content-type': 'application/x-ndjson',
        'content-disposition': `attachment; filename="${exported.value.file_name}"`,
        'cache-control': 'no-store',
      },
    });
  });
