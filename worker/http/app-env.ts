import type { Context } from 'hono';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { Principal } from '../db/context.ts';
import type { TenantKey } from '../db/load-snapshots.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import type { Log } from '../runtime/log.ts';
import type { Settings } from '../runtime/settings.ts';

/** What the middleware leaves for whoever comes after it. */
export type AppEnv = {
  Bindings: Env;
  Variables: { requestId: string; settings: Settings; log: Log };
};

/** After the tenant middleware: the hostname belongs to this tenant, which was looked up by this key. */
export type TenantEnv = AppEnv & {
  Variables: AppEnv['Variables'] & { tenant: TenantSnapshot; tenantKey: TenantKey };
};

/** After authentication: the token or key is genuine, fresh and of this tenant. Whether its user still may is the database's or the wallet's to say. */
export type PrincipalEnv = TenantEnv & { Variables: TenantEnv['Variables'] & { principal: Principal } };

/** The same on routes that no API key opens. */
export type SessionEnv = PrincipalEnv & { Variables: PrincipalEnv['Variables'] & { claims: SessionClaims } };

/** What answers and use cases need of a request, whichever middleware it has passed: hono's Context is invariant in its Env. */
export type RequestContext = Pick<
  Context<AppEnv>,
  'env' | 'executionCtx' | 'header' | 'html' | 'json' | 'req' | 'var'
>;
