import { and, asc, eq, inArray, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { AdminModel, CreateModelRequest, ModelPatch } from '../../../contracts/api/catalog.ts';
import type { TieredRates } from '../../../contracts/catalog/price.ts';
import { providerKindIds, servesModels } from '../../../contracts/catalog/provider-kinds.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { auditChange } from '../audit.ts';
import { callerIsAdmin, isAdminRole, selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { aiModels, aiProviders } from '../schema/catalog.ts';
import { isoTime } from '../users/user-rows.ts';
import { presentedEffectivePriceJson } from './prices.ts';
import { type CatalogRefusal, putInOrder } from './providers.ts';

/** Selects models with their providers and the prices in force. */
export const selectModels = (database: Database, which: SQL) =>
  database
    .select({
      id: aiModels.id,
      owner: sql<AdminModel['owner']>`case when ${aiModels.tenant_id} = app.platform_tenant_id()
        then 'platform' else 'tenant' end`,
      provider: { id: aiProviders.id, name: aiProviders.name, kind: aiProviders.kind },
      kind: aiModels.kind,
      public_name: aiModels.public_name,
      provider_model: aiModels.provider_model,
      context_window_tokens: aiModels.context_window_tokens,
      max_output_tokens: aiModels.max_output_tokens,
      capabilities: aiModels.capabilities,
      priority: aiModels.priority,
      weight: aiModels.weight,
      list_price: aiModels.list_price,
      provider_base_url: aiProviders.base_url,
      enabled: aiModels.enabled,
      price: presentedEffectivePriceJson,
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

/** A model as it is stored. What its list price is today is for the catalog to say (worker/catalog/list-prices.ts). */
export type StoredModel = Omit<AdminModel, 'list_price_change'> & {
  list_price: TieredRates | null;
  provider_base_url: string | null;
};

export const presentModel = (row: ModelRow): StoredModel => ({
  ...row,
  created_at: isoTime(row.created_at),
  updated_at: isoTime(row.updated_at),
});

/**
 * Models the caller may read: those of their tenant, and the platform's enabled ones. A superadmin's tenant is the platform.
 */
export const isSeen = sql`${callerIsAdmin} and (${aiModels.tenant_id} = app.tenant_id()
  or (${aiModels.tenant_id} = app.platform_tenant_id() and ${aiModels.enabled}))`;
/** One model, when the caller may read it. */
export const isReadable = (id: string) => sql`${isSeen} and ${aiModels.id} = ${id}`;
export const isManageable = (id: string) =>
  sql`${aiModels.tenant_id} = app.tenant_id() and ${callerIsAdmin} and ${aiModels.id} = ${id}`;

export const auditedFields = sql`jsonb_build_object('provider_id', ${aiModels.provider_id}, 'kind', ${aiModels.kind}, 'public_name', ${aiModels.public_name},
  'provider_model', ${aiModels.provider_model}, 'context_window_tokens', ${aiModels.context_window_tokens},
  'max_output_tokens', ${aiModels.max_output_tokens}, 'capabilities', ${aiModels.capabilities},
  'priority', ${aiModels.priority}, 'weight', ${aiModels.weight}, 'enabled', ${aiModels.enabled})`;
const noValue = sql`null::jsonb`;

/**
 * Records a change of a model in the audit log. `which` selects the model; `change` holds the audited fields before and after.
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

/** Converts the model read at the end of a batch, when the caller is an admin. */
export function readModel(
  [row]: ModelRow[],
  callers: Awaited<ReturnType<typeof selectCallerRole>>,
): Result<StoredModel, { code: 'forbidden' | 'not_found' }> {
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  return row === undefined ? fail({ code: 'not_found' }) : ok(presentModel(row));
}

/** Lists models by public name, and within a name in the order of failover. Admins only. */
export async function listCatalogModels(
  database: Database,
  claims: SessionClaims,
): Promise<Result<StoredModel[], { code: EnterRefusal | 'forbidden' }>> {
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
  const [rows, callers] = answer.value;
  return isAdminRole(callers.rows[0]) ? ok(rows.map(presentModel)) : fail({ code: 'forbidden' });
}

/** Returns one model to an admin. Other callers get `forbidden`; a model they may not see is `not_found`. */
export async function getCatalogModel(
  database: Database,
  claims: SessionClaims,
  id: string,
): Promise<Result<StoredModel, { code: CatalogRefusal }>> {
  const answer = await runAsUser(database, claims, [
    selectModels(database, isReadable(id)),
    selectCallerRole(database),
  ]);
  return answer.ok ? readModel(...answer.value) : answer;
}

type CreateRefusal = EnterRefusal | 'forbidden' | 'unknown_provider' | 'kind_not_served' | 'name_taken';

/**
 * Adds a model of one of the tenant's providers. It cannot be used until it has a price. `kind_not_served`: the provider's protocol has no
 * models of this kind.
 */
export async function createModel(
  database: Database,
  claims: SessionClaims,
  { provider_id, capabilities, ...model }: CreateModelRequest,
  requestId: string,
): Promise<Result<StoredModel, { code: CreateRefusal }>> {
  const id = uuidv7();
  const serving = providerKindIds.filter((kind) => servesModels(kind, model.kind));
  const isOwnProvider = sql`${aiProviders.tenant_id} = app.tenant_id() and ${aiProviders.id} = ${provider_id} and ${callerIsAdmin}`;
  const answer = await runAsUser(
    database,
    claims,
    [
      database.execute(sql`insert into ai_models (tenant_id, id, provider_id, kind, public_name, provider_model,
          context_window_tokens, max_output_tokens, capabilities, priority, weight, enabled)
        select app.tenant_id(), ${id}::uuid, ${aiProviders.id}, ${model.kind}::text, ${model.public_name}::text, ${model.provider_model}::text,
          ${model.context_window_tokens}::integer, ${model.max_output_tokens}::integer,
          ${JSON.stringify(capabilities)}::jsonb, ${model.priority}::integer, ${model.weight}::integer, ${model.enabled}::boolean
        from ${aiProviders} where ${isOwnProvider} and ${inArray(aiProviders.kind, serving)}`),
      auditModel(
        database,
        'ai_model.created',
        isManageable(id),
        { before: noValue, after: auditedFields },
        requestId,
      ),
      selectModels(database, isManageable(id)),
      selectCallerRole(database),
      database.select({ kind: aiProviders.kind }).from(aiProviders).where(isOwnProvider),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , rows, callers, providers] = answer.value;
  const created = readModel(rows, callers);
  if (created.ok) return created;
  if (created.failure.code === 'forbidden') return fail({ code: 'forbidden' });
  return fail({ code: providers.length > 0 ? 'kind_not_served' : 'unknown_provider' });
}

/** Changes a model of the caller's tenant. */
export async function updateModel(
  database: Database,
  claims: SessionClaims,
  id: string,
  patch: ModelPatch,
  requestId: string,
): Promise<Result<StoredModel, { code: CatalogRefusal | 'name_taken' | 'output_exceeds_context' }>> {
  const tokens = (column: 'context_window_tokens' | 'max_output_tokens') =>
    sql`coalesce(${patch[column] ?? null}::integer, ${aiModels[column]})`;
  const which = sql`${isManageable(id)} and ${tokens('max_output_tokens')} <= ${tokens('context_window_tokens')}`;
  const after = sql`${auditedFields} || ${JSON.stringify(patch)}::jsonb`;
  const answer = await runAsUser(
    database,
    claims,
    [
      auditModel(database, 'ai_model.changed', which, { before: auditedFields, after }, requestId),
      database
        .update(aiModels)
        .set({
          ...patch,
          ...(patch.capabilities === undefined
            ? {}
            : { capabilities: sql`${JSON.stringify(patch.capabilities)}::jsonb` }),
        })
        .where(which),
      selectModels(database, isManageable(id)),
      selectCallerRole(database),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , rows, callers] = answer.value;
  const changed = readModel(rows, callers);
  if (!changed.ok) return changed;
  const { context_window_tokens, max_output_tokens } = { ...changed.value, ...patch };
  // The patch was refused: with it, the maximum output would exceed the context window.
  if ((max_output_tokens ?? 0) > (context_window_tokens ?? 0))
    return fail({ code: 'output_exceeds_context' });
  return changed;
}

/** Deletes a model that was never priced and therefore never used. */
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
      selectModels(database, isManageable(id)),
      selectCallerRole(database),
      auditModel(
        database,
        'ai_model.deleted',
        isManageable(id),
        { before: auditedFields, after: noValue },
        requestId,
      ),
      database.delete(aiModels).where(isManageable(id)),
    ],
    { '23503': 'in_use' as const },
  );
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  const found = readModel(rows, callers);
  return found.ok ? ok(null) : found;
}

/** Sets the order in which the tenant's models are tried among providers of equal priority. */
export const orderModels = (database: Database, claims: SessionClaims, ids: string[], requestId: string) =>
  putInOrder(database, claims, { table: aiModels, action: 'ai_models.ordered' }, ids, requestId);
