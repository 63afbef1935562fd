import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { ActingSession } from '../../contracts/api/tenant/acting-sessions.ts';
import { ok, type Result } from '../../contracts/result.ts';
import type { EnterRefusal } from '../db/context.ts';
import { getTenantToEnter, startActingSession } from '../db/users/acting-sessions.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { signSessionToken } from './sessions.ts';

/** The longest lifetime of a session inside a tenant (migrations: acting_sessions_are_short). */
const LIFETIME_S = 900;

export type OpenedTenant = { token: string; tenant_slug: string; session: ActingSession };
type Refusal = EnterRefusal | 'forbidden' | 'not_found' | 'platform_tenant';

/**
 * Opens a tenant for a superadmin: a session of 15 minutes with the rights of an admin there. It ends with the superadmin's own
 * sessions and rights, and everything done in it is recorded in the tenant's audit log as theirs.
 */
export async function openTenant(
  deps: Dependencies,
  claims: SessionClaims,
  tenantId: string,
  reason: string,
): Promise<Result<OpenedTenant, { code: Refusal }>> {
  const found = await getTenantToEnter(deps.database, claims, tenantId);
  if (!found.ok) return found;
  const { userId } = claims;
  // Not before the superadmin's own session, which may be dated ahead of a sign-out.
  const iat = Math.max(Math.floor(Date.now() / 1_000), claims.iat);
  const acting = { userId, tenantId, actingSessionId: uuidv7(), iat, exp: iat + LIFETIME_S };
  const started = await startActingSession(deps.database, claims, acting, {
    reason,
    request_id: deps.requestId,
  });
  if (!started.ok) return started;
  return ok({
    token: await signSessionToken(deps.settings.JWT_SECRET, acting),
    tenant_slug: found.value.slug,
    session: started.value,
  });
}
