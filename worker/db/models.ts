import { and, asc, eq, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { AdminModel, CreateModelRequest, ModelPatch } from '../../contracts/api/catalog.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { auditChange } from './audit.ts';
import { callerIsAdmin, isAdminRole, selectCallerRole } from './authorization.ts';
import type { Database } from './client.ts';
import { type EnterRefusal, runAsUser } from './context.ts';
import { presentedEffectivePrice } from './prices.ts';
import { type CatalogRefusal, putInOrder } from './providers.ts';
import { aiModels, aiProviders } from './schema/catalog.ts';
import { isoTime } from './user-rows.ts';

/** Models with their providers and the prices in force. */
export const selectModels = (database: Database, which: SQL) =>
  database
    .select({
      id: aiModels.id,
      owner: sql<AdminModel['owner']>`case when ${aiModels.tenant_id} = app.platform_tenant_id()
        then 'platform' else 'tenant' end`,
      provider: { id: aiProviders.id, name: aiProviders.name, kind: aiProviders.kind },
      public_name: aiModels.public_name,
      provider_model: aiModels.provider_model,
      context_window_tokens: aiModels.context_window_tokens,
      max_output_tokens: aiModels.max_output_tokens,
      capabilities: aiModels.capabilities,
      priority: aiModels.priority,
      enabled: aiModels.enabled,
      price: presentedEffectivePrice,
      created_at: aiModels.created_at,
      updated_at: aiModels.updated_at,
    })
    .from(aiModels)
    .leftJoin(
      aiProviders,
      and(eq(aiProviders.tenant_id, aiModels.tenant_id), eq(aiProviders.id, aiModels.provider_id)),
    )
    .where(which);

type ModelRow = Awaited<ReturnType<typeof selectModels>>[number];

const presentModel = (row: ModelRow): AdminModel => ({
  ...row,
  created_at: isoTime(row.created_at),
  updated_at: isoTime(row.updated_at),
});

/** Models of the asker's tenant, and those of the platform that serve it. A superadmin's tenant is the platform. */
const isSeen = sql`${callerIsAdmin} and (${aiModels.tenant_id} = app.tenant_id()
  or (${aiModels.tenant_id} = app.platform_tenant_id() and ${aiModels.enabled}))`;
/** The model of that id, if whoever asks may see it. */
export const isSeenAs = (id: string) => sql`${isSeen} and ${aiModels.id} = ${id}`;
const isGoverned = (id: string) =>
  sql`${aiModels.tenant_id} = app.tenant_id() and ${callerIsAdmin} and ${aiModels.id} = ${id}`;

const decided = sql`jsonb_build_object('provider_id', ${aiModels.provider_id}, 'public_name', ${aiModels.public_name},
  'provider_model', ${aiModels.provider_model}, 'context_window_tokens', ${aiModels.context_window_tokens},
  'max_output_tokens', ${aiModels.max_output_tokens}, 'capabilities', ${aiModels.capabilities},
  'priority', ${aiModels.priority}, 'enabled', ${aiModels.enabled})`;
const nothing = sql`null::jsonb`;

/**
 * Writes down a change of a model in the audit log, in the change's own transaction: `which` picks it, `change` is what it
 * decided before and after.
 */
export const auditModel = (
  database: Database,
  action: string,
  which: SQL,
  change: { before: SQL; after: SQL },
  request_id: string,
) =>
  auditChange(database, {
    id: uuidv7(),
    action,
    target_type: 'ai_model',
    target: aiModels,
    ...change,
    rows: sql`from ${aiModels} where ${which}`,
    request_id,
  });

/** The model as read at the end of a batch, if whoever asked administers the catalog. */
export function readModel(
  [row]: ModelRow[],
  askers: Awaited<ReturnType<typeof selectCallerRole>>,
): Result<AdminModel, { code: 'forbidden' | 'not_found' }> {
  if (!isAdminRole(askers.rows[0])) return fail({ code: 'forbidden' });
  return row === undefined ? fail({ code: 'not_found' }) : ok(presentModel(row));
}

/** Models by public name, each name's in the order in which they are tried. Admins only. */
export async function listCatalogModels(
  database: Database,
  claims: SessionClaims,
): Promise<Result<AdminModel[], { code: EnterRefusal | 'forbidden' }>> {
  const answer = await runAsUser(database, claims, [
    selectModels(database, isSeen).orderBy(
      asc(aiModels.public_name),
      asc(aiProviders.priority),
      asc(aiModels.priority),
      asc(aiModels.id),
    ),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, askers] = answer.value;
  return isAdminRole(askers.rows[0]) ? ok(rows.map(presentModel)) : fail({ code: 'forbidden' });
}

/** One model as its administrators see it. Others are refused as `forbidden`; one they may not see is `not_found`. */
export async function getCatalogModel(
  database: Database,
  claims: SessionClaims,
  id: string,
): Promise<Result<AdminModel, { code: CatalogRefusal }>> {
  const answer = await runAsUser(database, claims, [
    selectModels(database, isSeenAs(id)),
    selectCallerRole(database),
  ]);
  return answer.ok ? readModel(...answer.value) : answer;
}

/** Adds a way to serve a public name, by a provider of the asker's tenant. Nobody can use it until it has a price. */
export async function createModel(
  database: Database,
  claims: SessionClaims,
  { provider_id, capabilities, ...model }: CreateModelRequest,
  requestId: string,
): Promise<Result<AdminModel, { code: EnterRefusal | 'forbidden' | 'unknown_provider' | 'name_taken' }>> {
  const id = uuidv7();
  const answer = await runAsUser(
    database,
    claims,
    [
      database.execute(sql`insert into ai_models (tenant_id, id, provider_id, public_name, provider_model,
          context_window_tokens, max_output_tokens, capabilities, priority, enabled)
        select app.tenant_id(), ${id}::uuid, ${aiProviders.id}, ${model.public_name}::text, ${model.provider_model}::text,
          ${model.context_window_tokens}::integer, ${model.max_output_tokens}::integer,
          ${JSON.stringify(capabilities)}::jsonb, ${model.priority}::integer, ${model.enabled}::boolean
        from ${aiProviders}
        where ${aiProviders.tenant_id} = app.tenant_id() and ${aiProviders.id} = ${provider_id} and ${callerIsAdmin}`),
      auditModel(
        database,
        'ai_model.created',
        isGoverned(id),
        { before: nothing, after: decided },
        requestId,
      ),
      selectModels(database, isGoverned(id)),
      selectCallerRole(database),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , rows, askers] = answer.value;
  const created = readModel(rows, askers);
  if (created.ok) return created;
  return fail({ code: created.failure.code === 'forbidden' ? 'forbidden' : 'unknown_provider' });
}

/** Changes a model of the asker's tenant. */
export async function updateModel(
  database: Database,
  claims: SessionClaims,
  id: string,
  patch: ModelPatch,
  requestId: string,
): Promise<Result<AdminModel, { code: CatalogRefusal | 'name_taken' | 'output_exceeds_context' }>> {
  const tokens = (column: 'context_window_tokens' | 'max_output_tokens') =>
    sql`coalesce(${patch[column] ?? null}::integer, ${aiModels[column]})`;
  const which = sql`${isGoverned(id)} and ${tokens('max_output_tokens')} <= ${tokens('context_window_tokens')}`;
  const after = sql`${decided} || ${JSON.stringify(patch)}::jsonb`;
  const answer = await runAsUser(
    database,
    claims,
    [
      auditModel(database, 'ai_model.changed', which, { before: decided, after }, requestId),
      database
        .update(aiModels)
        .set({
          ...patch,
          ...(patch.capabilities === undefined
            ? {}
            : { capabilities: sql`${JSON.stringify(patch.capabilities)}::jsonb` }),
        })
        .where(which),
      selectModels(database, isGoverned(id)),
      selectCallerRole(database),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , rows, askers] = answer.value;
  const changed = readModel(rows, askers);
  if (!changed.ok) return changed;
  const { context_window_tokens, max_output_tokens } = { ...changed.value, ...patch };
  // The patch was not taken: laid over the row it would promise more output than the model has room for.
  if ((max_output_tokens ?? 0) > (context_window_tokens ?? 0))
    return fail({ code: 'output_exceeds_context' });
  return changed;
}

/** Removes a model that was never priced, and so never used. */
export async function deleteModel(
  database: Database,
  claims: SessionClaims,
  id: string,
  requestId: string,
): Promise<Result<null, { code: CatalogRefusal | 'in_use' }>> {
  const answer = await runAsUser(
    database,
    claims,
    [
      selectModels(database, isGoverned(id)),
      selectCallerRole(database),
      auditModel(
        database,
        'ai_model.deleted',
        isGoverned(id),
        { before: decided, after: nothing },
        requestId,
      ),
      database.delete(aiModels).where(isGoverned(id)),
    ],
    { '23503': 'in_use' as const },
  );
  if (!answer.ok) return answer;
  const [rows, askers] = answer.value;
  const found = readModel(rows, askers);
  return found.ok ? ok(null) : found;
}

/** Sets the order in which models of a tenant are tried, among those of providers of equal priority. */
export const orderModels = (database: Database, claims: SessionClaims, ids: string[], requestId: string) =>
  putInOrder(database, claims, { table: aiModels, action: 'ai_models.ordered' }, ids, requestId);
