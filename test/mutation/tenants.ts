import type { Mutation } from './mutation.ts';

const lifecycle = { file: 'migrations/0024_tenant_lifecycle.sql', project: 'rls' };
const acting = { ...lifecycle, tests: 'test/rls/acting.test.ts' };
const erasure = { ...lifecycle, tests: 'test/rls/erasure.test.ts' };
const founding = { ...lifecycle, tests: 'test/rls/tenants.test.ts' };
const standing = {
  ...{ file: 'worker/tenants/tenant-standing.ts', project: 'workers' },
  tests: 'test/workers/tenant-standing.test.ts',
};
const reports = {
  ...{ file: 'worker/db/usage/platform-usage.ts', project: 'rls' },
  tests: 'test/rls/platform-reports.test.ts',
};

const usage = { project: 'rls', tests: 'test/rls/usage-reports.test.ts' };

/** Mutations of the lifecycle of tenants and of superadmins who act inside them, and of their reports. */
export const tenantMutations: Mutation[] = [
  {
    ...acting,
    what: 'a session inside a tenant never ends',
    find: 'acting.ended_at is not null or acting.expires_at <= now()',
    replace: 'false',
  },
  {
    ...acting,
    what: 'a session inside a tenant outlives the right of its superadmin',
    find: `where app.role() = 'superadmin' and s.tenant_id`,
    replace: 'where s.tenant_id',
  },
  {
    ...acting,
    what: 'a superadmin who acted is still named when somebody else has entered',
    find: `split_part(current_setting('app.acting', true), ' ', 1) = app.tenant_id() || '/' || app.user_id()`,
    replace: `current_setting('app.acting', true) <> ''`,
  },
  {
    ...erasure,
    what: 'a tenant is erased before its grace period is over',
    find: 'and tenant.deletion_due_at <= now()',
    replace: '',
  },
  {
    ...founding,
    file: 'migrations/0029_accounts_and_mail.sql',
    what: 'a former slug is free at once',
    find: 'where t.former_slug = founded_slug and t.former_slug_held_until > now()',
    replace: 'where false',
  },
  {
    ...founding,
    what: 'an admin changes the status of their tenant',
    find: `if coalesce(app.role(), '') not in ('superadmin', 'operator') then\n    raise exception 'only superadmins change the slug`,
    replace: `if false then\n    raise exception 'only superadmins change the slug`,
  },
  {
    ...standing,
    what: "a tenant's wallet hears nothing of a suspension",
    find: 'const synced = await syncTenantStanding(deps, tenant);',
    replace: 'const synced = ok(null);',
  },
  {
    ...standing,
    what: 'the snapshot of a suspended tenant stays cached',
    find: '...slugs.map((slug) => ({ slug })),',
    replace: '',
  },
  {
    ...reports,
    what: 'executions on the keys of tenants cost the platform something',
    find: `coalesce(sum(u.cost_micro_usd) filter (where u.key_owner = 'platform'), 0)::float8 as cost`,
    replace: 'sum(u.cost_micro_usd)::float8 as cost',
  },
  {
    ...reports,
    what: 'the admins of a tenant read usage of the whole platform',
    find: 'return isSuperadminCaller(callers) ? ok(rows) :',
    replace: 'return callers ? ok(rows) :',
  },
  {
    project: 'unit',
    tests: 'test/unit/reconciliation/verdict.test.ts',
    file: 'worker/reconciliation/verdict.ts',
    what: 'usage that is not the sum of executions is not found',
    find: '{ daily_usage: usage.agreeing }',
    replace: '{ daily_usage: usage.rows }',
  },
  {
    ...usage,
    file: 'worker/db/usage/usage-figures.ts',
    what: 'users and management keys are told what their tenant is charged',
    find: "const seesCharges = sql`(select app.role()) in ('admin', 'superadmin')`;",
    replace: 'const seesCharges = sql`true`;',
  },
  {
    ...usage,
    file: 'worker/db/usage/usage-report.ts',
    what: 'a report across tenants is empty where it needs a tenant',
    find: "return needsTenant(scope) ? 'needs_tenant' : null;",
    replace: 'return null;',
  },
  {
    ...{ project: 'rls', tests: 'test/rls/usage-sums.test.ts' },
    file: 'migrations/0042_usage_by_user.sql',
    what: 'what an execution was stays counted',
    find: "'select -1, b.* from before_rows b",
    replace: "'select 0, b.* from before_rows b",
  },
];
