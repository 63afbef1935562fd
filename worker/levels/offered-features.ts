import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { LevelName, OfferedFeature } from '../../contracts/api/tenant/levels.ts';
import { ok, type Result } from '../../contracts/result.ts';
import {
  ALL_FEATURES,
  type Feature,
  type FeatureFlags,
  features,
} from '../../contracts/tenants/level-features.ts';
import type { EnterRefusal } from '../db/context.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { resolveCaller } from '../tenants/tenant-lookup.ts';

/** Returns the levels that offer a feature, in their order. Pure. */
export const levelsWith = ({ levels }: Pick<TenantSnapshot, 'levels'>, feature: Feature): LevelName[] =>
  levels.filter((level) => level.features[feature]).map(({ slug, name }) => ({ slug, name }));

/**
 * Lists the features that the caller has, and the levels that offer each. Takes no database round trip when warm. A superadmin inside a
 * tenant has every feature.
 */
export async function offeredFeatures(
  deps: Pick<Dependencies, 'database' | 'waitUntil'>,
  tenant: TenantSnapshot,
  principal: SessionClaims,
): Promise<Result<OfferedFeature[], { code: EnterRefusal }>> {
  const flags = await flagsOfCaller(deps, principal);
  if (!flags.ok) return flags;
  return ok(
    features.map((feature) => ({
      feature,
      is_in_your_level: flags.value[feature],
      levels: levelsWith(tenant, feature),
    })),
  );
}

async function flagsOfCaller(
  deps: Pick<Dependencies, 'database' | 'waitUntil'>,
  principal: SessionClaims,
): Promise<Result<FeatureFlags, { code: EnterRefusal }>> {
  if (principal.actingSessionId !== undefined) return ok(ALL_FEATURES);
  const caller = await resolveCaller(deps, principal);
  return caller.ok ? ok(caller.value.user.level.features) : caller;
}
