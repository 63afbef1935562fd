import type { RouteConfig } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import { isConfirmed } from '../../identity/factors/confirm.ts';
import type { RequestContext, SessionEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem } from '../errors.ts';

/**
 * Operations that ask again: they need a session that began or was confirmed within the last 15 minutes. A route says so in its
 * definition, as `'x-confirm': true`.
 */

/** The marked routes, as `DELETE /api/auth/factors/:id`. */
const markedAmong = (routes: readonly RouteConfig[]): ReadonlySet<string> =>
  new Set(
    routes.flatMap(({ method, path, 'x-confirm': isMarked }) =>
      isMarked === true ? [`${method.toUpperCase()} ${path.replaceAll(/\{(.+?)\}/g, ':$1')}`] : [],
    ),
  );

/** Returns the refusal of a session that was not confirmed lately, or null. For routes where only some requests need it. */
export async function confirmationRefusal(
  c: RequestContext & { var: Pick<SessionEnv['Variables'], 'claims'> },
) {
  const confirmed = await isConfirmed(dependenciesOf(c), c.var.claims);
  if (!confirmed.ok) return problem(c, confirmed.failure.code);
  return confirmed.value ? null : problem(c, 'confirmation_required');
}

/** Refuses marked operations without a confirmation. Stands behind the authentication. */
export function requireConfirmation(routes: () => readonly RouteConfig[]) {
  let marked: ReturnType<typeof markedAmong> | undefined;
  return createMiddleware<SessionEnv>(async (c, next) => {
    marked ??= markedAmong(routes());
    const asks = matchedRoutes(c).some(({ method, path }) => marked?.has(`${method} ${path}`));
    // A key is no person: what it opens, its scopes say.
    if (!asks || c.var.manager !== null || 'hash' in c.var.principal) return next();
    return (await confirmationRefusal(c)) ?? next();
  });
}
