import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { PublicModelName, SetModelNameRequest } from '../../../contracts/api/model-names.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { auditChange } from '../audit.ts';
import { callerIsAdmin, isAdminRole, selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { aiModels } from '../schema/catalog.ts';
import { isSeen } from './models.ts';
import type { CatalogRefusal } from './providers.ts';

/** The public names of a tenant's models, with their aliases and their routing. */

const aliasesOf = (name: SQL, which: SQL): SQL =>
  sql`(select coalesce(jsonb_agg(a.alias order by a.alias), '[]') from ai_model_aliases a
    where ${which} and a.public_name = ${name})`;
const ownAliasesOf = (name: SQL): SQL => aliasesOf(name, sql`a.tenant_id = app.tenant_id()`);

/** The routing that applies: the tenant's own, else the platform's, else the order of priority. */
const routeOf = (name: SQL): SQL => sql`coalesce((
    select jsonb_build_object('strategy', r.strategy, 'keeps_provider', r.keeps_provider) from ai_model_routes r
    where r.tenant_id in (app.tenant_id(), app.platform_tenant_id()) and r.public_name = ${name}
    order by r.tenant_id = app.tenant_id() desc limit 1
  ), '{"strategy": "priority", "keeps_provider": false}')`;

const settingsOf = (name: SQL): SQL =>
  sql`jsonb_build_object('aliases', ${ownAliasesOf(name)}) || ${routeOf(name)}`;

type NameRow = { settings: PublicModelName };

/** Selects the public names that the caller manages. */
const selectNames = (database: Database, which: SQL) =>
  database.execute<NameRow>(sql`
    select jsonb_build_object('name', named.name, 'platform_aliases', ${aliasesOf(
      sql`named.name`,
      sql`a.tenant_id = app.platform_tenant_id() and a.tenant_id <> app.tenant_id()`,
    )}) || ${settingsOf(sql`named.name`)} as settings
    from (select distinct ${aiModels.public_name} as name from ${aiModels} where ${isSeen} and ${which}) named
    order by named.name`);

/** Lists the public names of a tenant with their aliases and routing. Admins only. */
export async function listModelNames(
  database: Database,
  claims: SessionClaims,
): Promise<Result<PublicModelName[], { code: EnterRefusal | 'forbidden' }>> {
  const answer = await runAsUser(database, claims, [
    selectNames(database, sql`true`),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [names, callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  return ok(names.rows.map(({ settings }) => settings));
}

/** The names in a list that is sent as JSON. */
const namesIn = (names: readonly string[]): SQL =>
  sql`(select asked.name from jsonb_array_elements_text(${JSON.stringify(names)}::jsonb) asked (name))`;

/** The first model of a name, which stands for it in the audit log. */
const isFirstOf = (name: string): SQL =>
  sql`${aiModels.id} = (select m.id from ai_models m where m.public_name = ${name}
    and m.tenant_id in (app.tenant_id(), app.platform_tenant_id()) order by m.tenant_id = app.tenant_id() desc, m.id limit 1)`;

/**
 * Sets the aliases and the routing of a public name in the caller's tenant. `name_taken`: an alias is the name of a model, or an alias of
 * another name; nothing is changed then.
 */
export async function setModelName(
  database: Database,
  claims: SessionClaims,
  name: string,
  { aliases, ...route }: SetModelNameRequest,
  requestId: string,
): Promise<Result<PublicModelName, { code: CatalogRefusal | 'name_taken' }>> {
  const isNamed = sql`${aiModels.public_name} = ${name}`;
  const hasModel = sql`exists (select from ai_models where ${isSeen} and ${aiModels.public_name} in ${namesIn(aliases)})`;
  const may = sql`${callerIsAdmin} and exists (select from ai_models where ${isSeen} and ${isNamed}) and not ${hasModel}`;
  const value = sql`${name}::text`;
  const answer = await runAsUser(
    database,
    claims,
    [
      auditChange(database, {
        id: uuidv7(),
        action: 'model_name.changed',
        target_type: 'model_name',
        target: { tenant_id: aiModels.tenant_id, id: aiModels.public_name },
        before: settingsOf(value),
        after: sql`${JSON.stringify({ aliases: aliases.toSorted(), ...route })}::jsonb`,
        rows: sql`from ${aiModels} where ${isFirstOf(name)} and ${may}`,
        request_id: requestId,
      }),
      database.execute(sql`delete from ai_model_aliases a where a.tenant_id = app.tenant_id() and a.public_name = ${name}
        and a.alias not in ${namesIn(aliases)} and ${may}`),
      database.execute(sql`insert into ai_model_aliases (tenant_id, alias, public_name)
        select app.tenant_id(), added.name, ${value} from ${namesIn(aliases)} added where ${may} and not exists (
          select from ai_model_aliases a
          where a.tenant_id = app.tenant_id() and a.alias = added.name and a.public_name = ${name})`),
      database.execute(sql`insert into ai_model_routes (tenant_id, public_name, strategy, keeps_provider)
        select app.tenant_id(), ${value}, ${route.strategy}::text, ${route.keeps_provider}::boolean where ${may}
        on conflict (tenant_id, public_name) do update
          set strategy = excluded.strategy, keeps_provider = excluded.keeps_provider`),
      selectNames(database, isNamed),
      database.execute<{ has_model: boolean }>(sql`select ${hasModel} as has_model`),
      selectCallerRole(database),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , , , names, taken, callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  const [found] = names.rows;
  if (found === undefined) return fail({ code: 'not_found' });
  return taken.rows[0]?.has_model === true ? fail({ code: 'name_taken' }) : ok(found.settings);
}
