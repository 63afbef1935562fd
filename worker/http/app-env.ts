import type { Context } from 'hono';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { ManagementCaller, Principal } from '../db/context.ts';
import type { TenantKey } from '../db/load-snapshots.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import type { GenuineTicket } from '../identity/live-tickets.ts';
import type { Log } from '../runtime/log.ts';
import type { Settings } from '../runtime/settings.ts';

/** Variables that the first middleware sets. */
export type AppEnv = {
  Bindings: Env;
  Variables: { requestId: string; settings: Settings; log: Log; url: URL };
};

/**
 * Variables after the tenant middleware: the hostname's tenant, the key it was looked up by, the token of the request, unverified, and
 * the genuine ticket of a WebSocket's handshake.
 */
export type TenantEnv = AppEnv & {
  Variables: AppEnv['Variables'] & {
    tenant: TenantSnapshot;
    tenantKey: TenantKey;
    token: string | null;
    ticket: GenuineTicket | null;
  };
};

/** Variables after authentication: the token or key is genuine, not expired and of this tenant. The database and the wallet check the user's current rights. */
export type PrincipalEnv = TenantEnv & {
  Variables: TenantEnv['Variables'] & {
    principal: Principal;
    /** The scopes of the API key of the request; null for a session. */
    keyScopes: readonly string[] | null;
    /** The management key of the request instead of a principal, on the routes that take one; else null. */
    manager: ManagementCaller | null;
  };
};

/** Variables after authentication by a session. */
export type SessionEnv = PrincipalEnv & { Variables: PrincipalEnv['Variables'] & { claims: SessionClaims } };

/** The part of a request that answers and use cases need, after any middleware. Hono's Context is invariant in its Env. */
export type RequestContext = Pick<
  Context<AppEnv>,
  'env' | 'executionCtx' | 'get' | 'header' | 'html' | 'json' | 'req' | 'var'
>;
