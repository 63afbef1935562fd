import { and, eq, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { TenantSignupMode } from '../../../contracts/api/platform/tenant-signups.ts';
import type { TenantPatch } from '../../../contracts/api/platform/tenants.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { auditChange, columnsJson } from '../audit.ts';
import { callerIsSuperadmin, selectCallerRole } from '../authorization.ts';
import { attemptQuery, type Database } from '../client.ts';
import { runAsUser } from '../context.ts';
import { tenants } from '../schema/tenancy.ts';
import {
  isSuperadminCaller,
  PLATFORM_TENANT_ID,
  presentTenantDetail,
  type StoredTenant,
  selectTenantDetail,
  type TenantRefusal,
} from './tenants.ts';

/** Changes of tenants by superadmins. Each is recorded in the platform's audit log. */

/** Refusals of a slug: another tenant has it, or had it until lately. */
const slugRefusals = { '23505': 'name_taken', VS012: 'name_taken' } as const;

export type ChangeRefusal = TenantRefusal | 'tenant_deleted' | 'platform_tenant';
export type SlugRefusal = 'name_taken' | 'slug_held';

export type ChangedTenant = {
  tenant: StoredTenant;
  /** The slug before the change. */
  former_slug: string;
};

/** A slug that another tenant had, and that is held for it. */
const isHeld = (slug: string): SQL => sql`exists (select from ${tenants} former
  where former.former_slug = ${slug} and former.former_slug_held_until > now() and former.id <> ${tenants.id})`;

type Columns = Record<string, SQL>;

/** The columns that a change sets. */
function columnsOf({ slug, name, branding, status, reason }: TenantPatch): Columns {
  const columns: Columns = {};
  if (name !== undefined) columns.name = sql`${name}::text`;
  for (const [column, value] of Object.entries(branding ?? {}))
    if (value !== undefined) columns[column] = sql`${value}::text`;
  if (slug !== undefined) columns.slug = sql`${slug}::text`;
  if (status !== undefined) {
    columns.status = sql`${status}::text`;
    columns.status_reason = sql`${reason ?? null}::text`;
  }
  return columns;
}

/** The columns that follow from a change. */
function consequencesOf({ slug, status }: TenantPatch): Columns {
  const isNew = sql`${tenants.slug} <> ${slug ?? ''}`;
  return {
    ...(slug !== undefined && {
      former_slug: sql`case when ${isNew} then ${tenants.slug} else ${tenants.former_slug} end`,
      former_slug_held_until: sql`case when ${isNew} then now() + interval '30 days' else ${tenants.former_slug_held_until} end`,
    }),
    ...(status !== undefined && { deletion_due_at: sql`null` }),
  };
}

const assignments = (columns: Columns): SQL =>
  sql.join(
    Object.entries(columns).map(([column, value]) => sql`${sql.identifier(column)} = ${value}`),
    sql`, `,
  );

/** Tells why a change of a tenant was not made, from the tenant as it was; undefined if it was made. */
function refusalOf(
  before: StoredTenant,
  isGoverned: boolean,
): 'tenant_deleted' | 'platform_tenant' | undefined {
  if (before.status === 'deleted') return 'tenant_deleted';
  return isGoverned && before.id === PLATFORM_TENANT_ID ? 'platform_tenant' : undefined;
}

type Change = {
  action: string;
  columns: Columns;
  consequences: Columns;
  /** A further condition of the change. */
  when: SQL;
  /** The change is of the slug or the status, which the platform's own tenant keeps. */
  is_governed: boolean;
  request_id: string;
};

type Changed = { before: StoredTenant; after: StoredTenant };

/**
 * Changes one tenant in one round trip: reads it, records the change, makes it and reads the result. `refusals` maps expected
 * SQLSTATEs to codes.
 */
async function changeTenant<Refusal extends string = never>(
  database: Database,
  claims: SessionClaims,
  id: string,
  { action, columns, consequences, when, is_governed, request_id }: Change,
  refusals: Record<string, Refusal> = {},
): Promise<Result<Changed, { code: ChangeRefusal | Refusal }>> {
  const possible = and(
    eq(tenants.id, id),
    callerIsSuperadmin,
    sql`${tenants.status} <> 'deleted'`,
    is_governed ? sql`${tenants.id} <> app.platform_tenant_id()` : undefined,
    when,
  ) as SQL;
  const names = Object.keys(columns);
  const answer = await runAsUser(
    database,
    claims,
    [
      database.execute(
        sql`select from ${tenants} where ${eq(tenants.id, id)} and ${callerIsSuperadmin} for no key update`,
      ),
      selectTenantDetail(database, id),
      auditChange(database, {
        id: uuidv7(),
        action,
        target_type: 'tenant',
        target: { tenant_id: tenants.id, id: tenants.id },
        before: columnsJson(
          Object.fromEntries(names.map((name) => [name, sql`${tenants}.${sql.identifier(name)}`])),
        ),
        after: columnsJson(columns),
        rows: sql`from ${tenants} where ${possible}`,
        request_id,
      }),
      database.execute(
        sql`update ${tenants} set ${assignments({ ...columns, ...consequences })} where ${possible}`,
      ),
      selectTenantDetail(database, id),
      selectCallerRole(database),
    ],
    refusals,
  );
  if (!answer.ok) return answer;
  const [, old, , , current, callers] = answer.value;
  if (!isSuperadminCaller(callers)) return fail({ code: 'forbidden' });
  const [before, after] = [presentTenantDetail(old), presentTenantDetail(current)];
  if (before === null || after === null) return fail({ code: 'not_found' });
  const refusal = refusalOf(before, is_governed);
  return refusal === undefined ? ok({ before, after }) : fail({ code: refusal });
}

/**
 * Changes the name, brand, slug or status of a tenant. A slug that changed within 30 days is `slug_held`; one that another tenant has
 * or had within 30 days is `name_taken`. A tenant whose grace period is over is `tenant_deleted`.
 */
export async function updateTenant(
  database: Database,
  claims: SessionClaims,
  id: string,
  patch: TenantPatch,
  request_id: string,
): Promise<Result<ChangedTenant, { code: ChangeRefusal | SlugRefusal }>> {
  const { slug, status } = patch;
  const mayTake =
    slug === undefined
      ? sql`true`
      : sql`(${tenants.slug} = ${slug} or (not ${isHeld(slug)}
          and (${tenants.former_slug_held_until} is null or ${tenants.former_slug_held_until} <= now())))`;
  const change = {
    action:
      status === undefined ? 'tenant.changed' : `tenant.${status === 'active' ? 'resumed' : 'suspended'}`,
    columns: columnsOf(patch),
    consequences: consequencesOf(patch),
    when: sql`${mayTake} and (${tenants.deletion_due_at} is null or ${tenants.deletion_due_at} > now())`,
    is_governed: slug !== undefined || status !== undefined,
    request_id,
  };
  const changed = await changeTenant(database, claims, id, change, slugRefusals);
  if (!changed.ok) return changed;
  const { before, after } = changed.value;
  if (before.deletion_due_at !== null && Date.parse(before.deletion_due_at) <= Date.now())
    return fail({ code: 'tenant_deleted' });
  if (slug === undefined || after.slug === slug) return ok({ tenant: after, former_slug: before.slug });
  return fail({ code: (await isSlugTaken(database, claims, id, slug)) ? 'name_taken' : 'slug_held' });
}

/** Tells whether another tenant has the slug, or had it lately. */
async function isSlugTaken(
  database: Database,
  claims: SessionClaims,
  id: string,
  slug: string,
): Promise<boolean> {
  const answer = await runAsUser(database, claims, [
    database.execute(sql`select from ${tenants} where id <> ${id}::uuid
      and (slug = ${slug} or (former_slug = ${slug} and former_slug_held_until > now())) limit 1`),
  ]);
  return answer.ok && answer.value[0].rows.length > 0;
}

/** Starts the grace period of a tenant, after which it is erased. Repeated, it keeps the first one's end. */
export async function beginDeletion(
  database: Database,
  claims: SessionClaims,
  id: string,
  {
    confirmed_slug,
    grace_days,
    request_id,
  }: { confirmed_slug: string; grace_days: number; request_id: string },
): Promise<Result<ChangedTenant, { code: ChangeRefusal | 'not_confirmed' }>> {
  const changed = await changeTenant(database, claims, id, {
    action: 'tenant.deletion_begun',
    columns: {
      status: sql`'deleting'::text`,
      deletion_due_at: sql`now() + make_interval(days => ${grace_days}::integer)`,
      status_reason: sql`null::text`,
    },
    consequences: {},
    when: sql`${tenants.status} <> 'deleting' and ${tenants.slug} = ${confirmed_slug}`,
    is_governed: true,
    request_id,
  });
  if (!changed.ok) return changed;
  const { before, after } = changed.value;
  if (before.slug !== confirmed_slug) return fail({ code: 'not_confirmed' });
  return ok({ tenant: after, former_slug: before.slug });
}

/** Sets the platform's rule for sign-ups of tenants. Superadmins only. */
export async function saveTenantSignupMode(
  database: Database,
  claims: SessionClaims,
  mode: TenantSignupMode,
  request_id: string,
): Promise<Result<null, { code: TenantRefusal }>> {
  const changed = await changeTenant(database, claims, PLATFORM_TENANT_ID, {
    action: 'platform.tenant_signups_changed',
    columns: { tenant_signups: sql`${mode}::text` },
    consequences: {},
    when: sql`true`,
    is_governed: false,
    request_id,
  });
  if (changed.ok) return ok(null);
  const { code } = changed.failure;
  if (code === 'platform_tenant' || code === 'tenant_deleted')
    throw new Error('The platform takes its own settings');
  return fail({ code });
}

/** Returns tenants whose grace period is over, 100 at most. */
export async function listTenantsToErase(database: Database): Promise<string[]> {
  const answer = await attemptQuery(() =>
    database.execute<{ id: string }>(sql`select id from app.tenants_to_erase() id`),
  );
  return answer.ok ? answer.value.rows.map(({ id }) => id) : [];
}

/** Erases a part of a tenant whose grace period is over, at most `rowsMax` rows of each table. Returns true when it is deleted. */
export async function erasePart(database: Database, tenantId: string, rowsMax: number): Promise<boolean> {
  const answer = await attemptQuery(() =>
    database.execute<{ done: boolean }>(
      sql`select app.erase_tenant(${tenantId}::uuid, ${rowsMax}::integer) as done`,
    ),
  );
  return answer.ok && answer.value.rows[0]?.done === true;
}
