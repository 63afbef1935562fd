import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { createDomainRequest, domain, domainList } from '../../../../contracts/api/tenant/domains.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';

const tags = ['Tenant'];
const idOf = idParam('The id of the domain.');

/** Loads the use cases when first needed: with them come Cloudflare's SDK and the list of public suffixes. */
const useCases = () => import('../../../domains/manage-domains.ts');

/** The wait between two checks of a domain (worker/db/tenants/domain-checks.ts). */
const CHECK_PAUSE_MS = 10_000;

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listDomains',
  tags,
  summary: 'List the custom domains.',
  description:
    'Returns every custom domain of the tenant with its states and the records to set, and the hostname that domains have to point to. Admins only.',
  security: session,
  responses: { 200: json(domainList, 'All of them, in one page.'), ...problems() },
});

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createDomain',
  tags,
  summary: 'Add a custom domain.',
  description:
    'Returns the records to set at your DNS provider. Once the TXT record proves that the domain is yours, a certificate is requested; once that is in place and the hostname points here, it serves the web app, `/api` and `/v1` like every other hostname of the tenant. Admins only.',
  security: session,
  request: jsonBody(createDomainRequest, { hostname: 'ai.acme.com' }),
  responses: {
    201: json(domain, 'The domain and its records.'),
    ...problems(...ofBody, 'custom_domains_off', 'name_taken', 'too_many_domains'),
  },
});

const read = createRoute({
  method: 'get',
  path: '/{id}',
  operationId: 'getDomain',
  tags,
  summary: 'Get a custom domain.',
  description: 'Returns the domain as the last check found it. Admins only.',
  security: session,
  request: { params: idOf },
  responses: { 200: json(domain, 'The domain.'), ...problems('not_found') },
});

const check = createRoute({
  method: 'post',
  path: '/{id}/check',
  operationId: 'checkDomain',
  tags,
  summary: 'Check a custom domain.',
  description:
    'Looks up the records of the domain now, and asks the network for its certificate. Once in ten seconds for each domain. Admins only.',
  security: session,
  request: { params: idOf },
  responses: {
    200: json(domain, 'The domain after the check.'),
    ...problems('custom_domains_off', 'not_found', 'rate_limited'),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/{id}',
  operationId: 'deleteDomain',
  tags,
  summary: 'Remove a custom domain.',
  description:
    'The hostname stops answering within a minute. To add it again, its ownership has to be proved anew. Safe to repeat. Admins only.',
  security: session,
  request: { params: idOf },
  responses: { 204: { description: 'Removed.' }, ...problems('not_found') },
});

/** Custom domains, for the tenant's admins. The database checks the role. */
export const domainRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const { listTenantDomains } = await useCases();
    const domains = await listTenantDomains(dependenciesOf(c), c.var.claims);
    return domains.ok ? c.json(domains.value, 200) : problem(c, domains.failure.code);
  })
  .openapi(create, async (c) => {
    const { addDomain } = await useCases();
    const added = await addDomain(dependenciesOf(c), c.var.claims, c.req.valid('json').hostname);
    if (added.ok) return c.json(added.value, 201);
    const { failure } = added;
    switch (failure.code) {
      case 'invalid_hostname': {
        const { rule, message } = failure;
        return problem(c, 'invalid_request', {
          message: `hostname: ${message}`,
          details: { in: 'json', issues: [{ field: 'hostname', rule, message }] },
        });
      }
      case 'name_taken':
        return problem(c, failure.code, {
          message: 'This hostname is in use already, by you or by another customer of this platform.',
          details: { field: 'hostname', rule: 'taken' },
        });
      case 'platform_tenant':
        return problem(c, 'forbidden', {
          message: 'The platform answers at its own hostnames alone. Add domains in a tenant.',
          details: { field: 'hostname', rule: 'not_for_the_platform' },
        });
      default:
        return problem(c, failure.code);
    }
  })
  .openapi(read, async (c) => {
    const { readTenantDomain } = await useCases();
    const found = await readTenantDomain(dependenciesOf(c), c.var.claims, c.req.valid('param').id);
    return found.ok ? c.json(found.value, 200) : problem(c, found.failure.code);
  })
  .openapi(check, async (c) => {
    const { checkTenantDomain } = await useCases();
    const checked = await checkTenantDomain(dependenciesOf(c), c.var.claims, c.req.valid('param').id);
    if (checked.ok) return c.json(checked.value, 200);
    const { code } = checked.failure;
    return code === 'busy'
      ? problem(c, 'rate_limited', {
          message: 'This domain was checked just now. Check again in ten seconds.',
          retry_after_ms: CHECK_PAUSE_MS,
        })
      : problem(c, code);
  })
  .openapi(remove, async (c) => {
    const { removeTenantDomain } = await useCases();
    const removed = await removeTenantDomain(dependenciesOf(c), c.var.claims, c.req.valid('param').id);
    return removed.ok ? c.body(null, 204) : problem(c, removed.failure.code);
  });
