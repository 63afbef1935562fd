import type { Route, TenantSnapshot } from '../db/snapshots.ts';

/** The names of a tenant's models. Pure. */

type Named = Pick<TenantSnapshot, 'candidates' | 'model_aliases'>;

/** Returns the public name that a request means: the name of a model, or that of an alias. Any other name is returned as it is. */
export function publicNameOf({ candidates, model_aliases }: Named, asked: string): string {
  if (candidates.some(({ public_name }) => public_name === asked)) return asked;
  return Object.hasOwn(model_aliases, asked) ? (model_aliases[asked] ?? asked) : asked;
}

/** Returns the aliases of a public name, sorted. An alias that is the name of a model means that model. */
export const aliasesOf = (tenant: Named, public_name: string): string[] =>
  Object.keys(tenant.model_aliases)
    .filter((alias) => alias !== public_name && publicNameOf(tenant, alias) === public_name)
    .sort();

const BY_PRIORITY: Route = { strategy: 'priority', keeps_provider: false };

/** Returns the choice among the models of a public name. */
export const routeOf = (
  { model_routes }: Pick<TenantSnapshot, 'model_routes'>,
  public_name: string,
): Route =>
  Object.hasOwn(model_routes, public_name) ? (model_routes[public_name] ?? BY_PRIORITY) : BY_PRIORITY;
