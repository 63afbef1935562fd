import type { RouteConfig } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import { type Feature, feature, textsOfFeature } from '../../../contracts/tenants/level-features.ts';
import { levelsWith } from '../../levels/offered-features.ts';
import { resolveCaller } from '../../tenants/tenant-lookup.ts';
import type { PrincipalEnv, RequestContext, SessionEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem } from '../errors.ts';

/**
 * Features of levels. A route names the feature it needs in its definition, as `'x-feature'`; every request with an API key needs
 * `api_keys`. The caller's snapshot decides, so a change of a level takes effect within a minute.
 */

/** Features by route, as `GET /api/wallet/live`. */
const featuresOf = (routes: readonly RouteConfig[]): ReadonlyMap<string, Feature> =>
  new Map(
    routes.flatMap(({ method, path, 'x-feature': name }) =>
      name === undefined
        ? []
        : [[`${method.toUpperCase()} ${path.replaceAll(/\{(.+?)\}/g, ':$1')}`, feature.parse(name)] as const],
    ),
  );

type Context = RequestContext & { var: PrincipalEnv['Variables'] };

/** Returns the refusal of a feature that the caller's level does not offer, or null. */
export async function featureRefusal(c: Context, name: Feature) {
  const caller = await resolveCaller(dependenciesOf(c), c.var.principal);
  if (!caller.ok) return problem(c, caller.failure.code);
  const { level } = caller.value.user;
  if (level.features[name]) return null;
  const levels = levelsWith(c.var.tenant, name);
  const where =
    levels.length === 0 ? 'No level offers it.' : `It is in: ${levels.map((one) => one.name).join(', ')}.`;
  return problem(c, 'feature_not_in_level', {
    message: `Your level ${level.name} does not offer this: ${textsOfFeature(name).label}. ${where}`,
    details: { feature: name, level: level.name, levels },
  });
}

/** True for a management key, and for a superadmin inside the tenant, who has no level there. */
const hasNoLevel = ({ manager, principal }: PrincipalEnv['Variables']): boolean =>
  manager !== null || (!('hash' in principal) && principal.actingSessionId !== undefined);

/** Refuses requests that need a feature the caller's level does not offer. Stands behind the authentication. */
export function requireFeatures(routes: () => readonly RouteConfig[]) {
  let known: ReturnType<typeof featuresOf> | undefined;
  return createMiddleware<SessionEnv>(async (c, next) => {
    if (hasNoLevel(c.var)) return next();
    known ??= featuresOf(routes());
    const needed: Feature[] = 'hash' in c.var.principal ? ['api_keys'] : [];
    for (const { method, path } of matchedRoutes(c)) {
      const name = known.get(`${method} ${path}`);
      // Running models with an API key is not the playground.
      if (name !== undefined && !(name === 'playground_models' && 'hash' in c.var.principal))
        needed.push(name);
    }
    for (const name of needed) {
      const refusal = await featureRefusal(c, name);
      if (refusal !== null) return refusal;
    }
    return next();
  });
}
