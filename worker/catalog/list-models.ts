import type { Model } from '../../contracts/api/executions.ts';
import { ok, type Result } from '../../contracts/result.ts';
import type { EnterRefusal, Principal } from '../db/context.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { resolveRecentCaller } from '../tenants/tenant-lookup.ts';
import { reachableCandidates } from './candidates.ts';
import { aliasesOf } from './model-names.ts';

/** Lists the models the caller may use, by their rights of the last few seconds, by public name, each with its price and its providers in the order of attempts. */
export async function listModels(
  deps: Dependencies,
  tenant: TenantSnapshot,
  principal: Principal,
): Promise<Result<Model[], { code: EnterRefusal }>> {
  const caller = await resolveRecentCaller(deps, principal);
  if (!caller.ok) return caller;
  const byName = Map.groupBy(
    reachableCandidates(tenant.candidates, caller.value, deps.settings),
    ({ public_name, kind }) => `${kind} ${public_name}`,
  );
  const models = [...byName.values()].flatMap((candidates): Model[] => {
    const priced = candidates.filter(({ price }) => price !== null);
    const [first] = priced;
    if (first === undefined || first.price === null) return [];
    const { public_name: name, kind, price } = first;
    return [
      {
        ...{ name, kind },
        aliases: aliasesOf(tenant, name),
        providers: priced.map(({ provider }) => ({
          kind: provider.kind,
          name: provider.name,
          simulated: deps.settings.SIMULATED_PROVIDERS.includes(provider.kind),
        })),
        context_window_tokens: Math.min(...priced.map(({ context_window_tokens }) => context_window_tokens)),
        max_output_tokens: Math.min(...priced.map(({ max_output_tokens }) => max_output_tokens)),
        created_at: new Date(Math.min(...priced.map(({ created_at_ms }) => created_at_ms))).toISOString(),
        wallet_tokens_per_1000: price.wallet_tokens_per_1000,
      },
    ];
  });
  return ok(models);
}

/** Lists each name once, for APIs that know models by their name alone: the chat model where several kinds share a name. Pure. */
export const oncePerName = (models: readonly Model[]): Model[] =>
  [...Map.groupBy(models, ({ name }) => name).values()].flatMap(
    (named) => named.find(({ kind }) => kind === 'chat') ?? named.slice(0, 1),
  );
