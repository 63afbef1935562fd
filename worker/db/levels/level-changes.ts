import { and, eq, isNull, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import {
  type CreateLevel,
  LEVELS_MAX,
  type Level,
  type LevelPatch,
  slugOf,
} from '../../../contracts/api/tenant/levels.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { ALL_FEATURES } from '../../../contracts/tenants/level-features.ts';
import { auditChange } from '../audit.ts';
import {
  callerIsAdmin,
  callerIsOnLevel,
  callerMayChangeLevel,
  isAdminRole,
  selectCallerRole,
  tenantOfRow,
} from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { levels, tenants } from '../schema/tenancy.ts';
import { levelTokenPolicies } from '../schema/wallets.ts';
import { inOrder, presentLevel, selectLevels } from './levels.ts';
import { levelPolicyJson, policyColumnNames, policyParameter } from './policies.ts';

const ownTenant = sql`app.tenant_id()`;

/** Locks the levels of a tenant, so that its levels change one after the other. */
const lockLevels = (database: Database, tenantId: SQL) =>
  database.execute(sql`select 1 from ${levels} where ${levels.tenant_id} = ${tenantId} and ${callerIsAdmin}
    order by ${levels.id} for no key update`);

const jsonText = (value: unknown): SQL => sql`${JSON.stringify(value)}::jsonb`;

/** A text[] from a jsonb array; null from the null of JSON. */
const textArrayOf = (json: SQL): SQL =>
  sql`case when jsonb_typeof(${json}) = 'array' then array(select jsonb_array_elements_text(${json})) end`;

/** True if another level of the tenant has this value. */
const isTaken = (tenantId: SQL, levelId: string, matches: SQL): SQL =>
  sql`exists (select from levels other
    where other.tenant_id = ${tenantId} and other.id <> ${levelId}::uuid and ${matches})`;
const nameTaken = (tenantId: SQL, levelId: string, name: string): SQL =>
  isTaken(tenantId, levelId, sql`lower(other.name) = lower(${name}::text)`);
const slugTaken = (tenantId: SQL, levelId: string, slug: string): SQL =>
  isTaken(tenantId, levelId, sql`other.slug = ${slug}`);

/** A refused name or slug, by its field. */
type Taken = { code: 'name_taken'; field: 'name' | 'slug' };
const taken = (field: Taken['field']) => fail<Taken>({ code: 'name_taken', field });

type CommonRefusal = { code: EnterRefusal | 'forbidden' };

/**
 * Adds a level after the others of the caller's tenant. Without a policy, it gets that of the default level. Admins only.
 */
export async function insertLevel(
  database: Database,
  claims: SessionClaims,
  { name, slug = slugOf(name), allowed_models, features, default_output_limit, policy }: CreateLevel,
  requestId: string,
): Promise<Result<Level, CommonRefusal | Taken | { code: 'too_many_levels' }>> {
  const id = uuidv7();
  const isNew = and(eq(levels.tenant_id, claims.tenantId), eq(levels.id, id));
  const count = sql`(select count(*) from ${levels} where ${levels.tenant_id} = ${ownTenant})`;
  const names = nameTaken(ownTenant, id, name);
  const slugs = slugTaken(ownTenant, id, slug);
  const flags = { ...ALL_FEATURES, ...features };
  const defaultPolicy = sql`(select ${levelPolicyJson} from ${levels} join ${levelTokenPolicies}
      on ${levelTokenPolicies.tenant_id} = ${levels.tenant_id} and ${levelTokenPolicies.level_id} = ${levels.id}
    where ${levels.tenant_id} = ${ownTenant} order by ${levels.is_default} desc, ${levels.position} limit 1)`;
  const answer = await runAsUser(database, claims, [
    lockLevels(database, ownTenant),
    database.execute<{ name: boolean; slug: boolean; count: number }>(
      sql`select ${names} as name, ${slugs} as slug, ${count}::int as count`,
    ),
    database.execute(sql`insert into levels
        (tenant_id, id, slug, name, features, allowed_models, default_output_limit, position)
      select ${ownTenant}, ${id}::uuid, ${slug}::text, ${name}::text, ${jsonText(flags)},
        ${textArrayOf(jsonText(allowed_models))}, ${default_output_limit}::int,
        (select coalesce(max(${levels.position}), 0) + 1 from ${levels} where ${levels.tenant_id} = ${ownTenant})
      where ${callerIsAdmin} and ${count} < ${LEVELS_MAX} and not ${names} and not ${slugs}`),
    database.execute(sql`insert into level_token_policies (tenant_id, level_id, ${policyColumnNames})
      select ${levels.tenant_id}, ${levels.id}, ${policyColumnNames}
      from ${levels}, jsonb_populate_record(null::${levelTokenPolicies},
        ${policy === undefined ? defaultPolicy : policyParameter(policy)})
      where ${isNew}`),
    auditChange(database, {
      id: uuidv7(),
      action: 'level.created',
      target_type: 'level',
      target: levels,
      before: sql`null::jsonb`,
      after: jsonText({
        name,
        slug,
        allowed_models,
        features: flags,
        default_output_limit,
        policy: policy ?? null,
      }),
      rows: sql`from ${levels} where ${isNew}`,
      request_id: requestId,
    }),
    selectLevels(database).where(isNew),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [, checks, , , , [row], callers] = answer.value;
  const [check] = checks.rows;
  if (!isAdminRole(callers.rows[0]) || check === undefined) return fail({ code: 'forbidden' });
  if (row !== undefined) return ok(presentLevel(row));
  if (check.name) return taken('name');
  return check.slug ? taken('slug') : fail({ code: 'too_many_levels' });
}

/** One changed column: its values for the audit log, and the new one. */
type ColumnChange = { name: string; before: SQL; after: SQL; set: SQL };

function columnChanges(patch: LevelPatch): ColumnChange[] {
  const { name, slug, allowed_models, features, default_output_limit, is_default, archived } = patch;
  const changes: ColumnChange[] = [];
  const add = (column: string, before: SQL, after: unknown, set: SQL) =>
    changes.push({ name: column, before, after: jsonText(after), set });
  if (name !== undefined) add('name', sql`to_jsonb(${levels.name})`, name, sql`name = ${name}`);
  if (slug !== undefined) add('slug', sql`to_jsonb(${levels.slug})`, slug, sql`slug = ${slug}`);
  if (allowed_models !== undefined) {
    const set = sql`allowed_models = ${textArrayOf(jsonText(allowed_models))}`;
    add('allowed_models', sql`to_jsonb(${levels.allowed_models})`, allowed_models, set);
  }
  if (features !== undefined) {
    const after = sql`${levels.features} || ${jsonText(features)}`;
    changes.push({ name: 'features', before: sql`${levels.features}`, after, set: sql`features = ${after}` });
  }
  if (default_output_limit !== undefined) {
    const set = sql`default_output_limit = ${default_output_limit}::int`;
    add('default_output_limit', sql`to_jsonb(${levels.default_output_limit})`, default_output_limit, set);
  }
  if (is_default !== undefined)
    add('is_default', sql`to_jsonb(${levels.is_default})`, true, sql`is_default = true`);
  if (archived !== undefined) {
    // A restored level comes last.
    const last = sql`(select max(other.position) + 1 from levels other where other.tenant_id = ${levels.tenant_id})`;
    const set = archived
      ? sql`archived_at = coalesce(${levels.archived_at}, now())`
      : sql`archived_at = null, position = case when ${levels.archived_at} is null then ${levels.position} else ${last} end`;
    add('archived', sql`to_jsonb(${levels.archived_at} is not null)`, archived, set);
  }
  return changes;
}

const jsonOf = (changes: ColumnChange[], side: 'before' | 'after'): SQL =>
  sql`jsonb_build_object(${sql.join(
    changes.map((change) => sql`${change.name}::text, coalesce(${change[side]}, 'null'::jsonb)`),
    sql`, `,
  )})`;

export type LevelRefusal =
  | CommonRefusal
  | Taken
  | { code: 'not_found' }
  | { code: 'level_is_default' | 'level_archived' };

/** Changes a level and records the change. The users of an archived level stay on it. Admins only. */
export async function updateLevel(
  database: Database,
  claims: SessionClaims,
  levelId: string,
  patch: LevelPatch,
  requestId: string,
): Promise<Result<Level, LevelRefusal>> {
  const { name, slug, is_default = false, archived } = patch;
  const tenantId = tenantOfRow(levels, levelId);
  const isLevel = callerMayChangeLevel(levelId);
  const changes = columnChanges(patch);
  const checks = {
    name: name === undefined ? sql`false` : nameTaken(tenantId, levelId, name),
    slug: slug === undefined ? sql`false` : slugTaken(tenantId, levelId, slug),
    is_default: archived === true ? sql`(${levels.is_default} or ${is_default})` : sql`false`,
    archived: is_default && archived !== false ? sql`(${levels.archived_at} is not null)` : sql`false`,
  };
  const possible = sql`${isLevel} and not (${sql.join(Object.values(checks), sql` or `)})`;
  const answer = await runAsUser(database, claims, [
    lockLevels(database, tenantId),
    database.execute<
      Record<keyof typeof checks, boolean>
    >(sql`select ${checks.name} as name, ${checks.slug} as slug,
      ${checks.is_default} as is_default, ${checks.archived} as archived from ${levels} where ${isLevel}`),
    auditChange(database, {
      id: uuidv7(),
      action: 'level.changed',
      target_type: 'level',
      target: levels,
      before: jsonOf(changes, 'before'),
      after: jsonOf(changes, 'after'),
      rows: sql`from ${levels} where ${possible}`,
      self: callerIsOnLevel,
      request_id: requestId,
    }),
    // One level at a time is the default: the present one steps back first.
    database.execute(sql`update ${levels} set is_default = false where ${is_default} and is_default
      and ${levels.tenant_id} = (select ${levels.tenant_id} from ${levels} where ${possible})`),
    database.execute(
      sql`update ${levels} set ${sql.join(
        changes.map(({ set }) => set),
        sql`, `,
      )} where ${possible}`,
    ),
    selectLevels(database).where(isLevel),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [, refused, , , , [row], callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  const [check] = refused.rows;
  if (row === undefined || check === undefined) return fail({ code: 'not_found' });
  if (check.name) return taken('name');
  if (check.slug) return taken('slug');
  if (check.is_default) return fail({ code: 'level_is_default' });
  return check.archived ? fail({ code: 'level_archived' }) : ok(presentLevel(row));
}

/** Orders the levels of the caller's tenant. `missing` and `unknown` name levels that the order lacks or should not have. */
export async function orderLevels(
  database: Database,
  claims: SessionClaims,
  levelIds: string[],
  requestId: string,
): Promise<
  Result<Level[], CommonRefusal | { code: 'incomplete_order'; missing: string[]; unknown: string[] }>
> {
  const inUse = sql`${levels.tenant_id} = ${ownTenant} and ${isNull(levels.archived_at)}`;
  const given = sql`(select array_agg(given.level_id::uuid order by given.level_id::uuid)
    from jsonb_array_elements_text(${jsonText(levelIds)}) given (level_id))`;
  const possible = sql`${callerIsAdmin}
    and ${given} = (select array_agg(${levels.id} order by ${levels.id}) from ${levels} where ${inUse})`;
  const answer = await runAsUser(database, claims, [
    lockLevels(database, ownTenant),
    auditChange(database, {
      id: uuidv7(),
      action: 'levels.ordered',
      target_type: 'tenant',
      target: { tenant_id: tenants.id, id: tenants.id },
      before: sql`(select jsonb_agg(${levels.id} order by ${levels.position}, ${levels.id}) from ${levels} where ${inUse})`,
      after: jsonText(levelIds),
      rows: sql`from ${tenants} where ${tenants.id} = ${ownTenant} and ${possible}`,
      request_id: requestId,
    }),
    database.execute(sql`update ${levels} set position = place.number
      from jsonb_array_elements_text(${jsonText(levelIds)}) with ordinality place (id, number)
      where ${levels.tenant_id} = ${ownTenant} and ${levels.id} = place.id::uuid and ${possible}`),
    selectLevels(database)
      .where(eq(levels.tenant_id, claims.tenantId))
      .orderBy(...inOrder),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [, , , rows, callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  const known = rows.filter(({ archived_at }) => archived_at === null).map(({ id }) => id);
  const missing = known.filter((id) => !levelIds.includes(id));
  const unknown = levelIds.filter((id) => !known.includes(id));
  return missing.length + unknown.length > 0
    ? fail({ code: 'incomplete_order', missing, unknown })
    : ok(rows.map(presentLevel));
}
