import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type {
  CreateManagementKeyRequest,
  ManagementKeyWithSecret,
} from '../../contracts/api/tenant/management-keys.ts';
import { ok, type Result } from '../../contracts/result.ts';
import { insertManagementKey, saveManagementKeyRotation } from '../db/tenants/management-keys.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { fingerprintOf, newManagementKey } from './secret.ts';

type FailureOf<Save extends (...args: never[]) => Promise<unknown>> = Extract<
  Awaited<ReturnType<Save>>,
  { ok: false }
>['failure'];

/** Creates a management key of the caller's tenant and returns it with its secret. The secret is not stored and cannot be shown again. */
export async function createManagementKey(
  deps: Dependencies,
  claims: SessionClaims,
  request: CreateManagementKeyRequest,
): Promise<Result<ManagementKeyWithSecret, FailureOf<typeof insertManagementKey>>> {
  const secret = newManagementKey();
  const { database, requestId } = deps;
  const created = await insertManagementKey(database, claims, request, fingerprintOf(secret), requestId);
  return created.ok ? ok({ ...created.value, secret }) : created;
}

/** Gives a management key a new secret and returns it once. The replaced secret keeps working for `graceS` seconds. */
export async function rotateManagementKey(
  deps: Dependencies,
  claims: SessionClaims,
  id: string,
  graceS: number,
): Promise<Result<ManagementKeyWithSecret, FailureOf<typeof saveManagementKeyRotation>>> {
  const secret = newManagementKey();
  const stored = { ...fingerprintOf(secret), graceS };
  const rotated = await saveManagementKeyRotation(deps.database, claims, id, stored, deps.requestId);
  return rotated.ok ? ok({ ...rotated.value, secret }) : rotated;
}
