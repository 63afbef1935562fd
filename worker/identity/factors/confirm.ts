import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { ConfirmRequest } from '../../../contracts/api/account/confirmation.ts';
import type { PasskeyOptions } from '../../../contracts/api/account/factors.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { EnterRefusal } from '../../db/context.ts';
import { getOwnLogin } from '../../db/users/own-account.ts';
import { getConfirmedAt, saveConfirmation } from '../../db/users/sessions.ts';
import { getSignInFactors } from '../../db/users/sign-in-factors.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import type { FieldRefusal } from '../field-refusal.ts';
import { verifyPassword } from '../password.ts';
import { optionsToProve, type PasskeyPlace } from './passkeys.ts';
import { hasFactor, spendCode, spendProof } from './second-step.ts';

/** Asking again who somebody is before they change what protects an account, a tenant or its money. */

/** Time for which a sign-in or a confirmation counts. */
const LIFETIME_S = 15 * 60;

/**
 * Tells whether a session began or was confirmed within the last 15 minutes. A session that a superadmin has inside a tenant takes no
 * longer.
 */
export async function isConfirmed(
  { database }: Pick<Dependencies, 'database'>,
  claims: SessionClaims,
): Promise<Result<boolean, { code: EnterRefusal }>> {
  const nowS = Date.now() / 1_000;
  if (claims.actingSessionId !== undefined || claims.iat > nowS - LIFETIME_S) return ok(true);
  const confirmed = await getConfirmedAt(database, claims);
  return confirmed.ok ? ok((confirmed.value ?? 0) > nowS - LIFETIME_S) : confirmed;
}

type Wrong = FieldRefusal | { code: EnterRefusal | 'wrong_password' | 'wrong_code' | 'passkey_refused' };

/** A password alone proves too little of somebody who has more. */
const NEEDS_FACTOR: FieldRefusal = {
  ...{ code: 'field_refused', field: 'password', rule: 'second_factor_needed' },
  message: 'is not enough: use a code of your authenticator app, a recovery code or a passkey',
};

async function prove(
  deps: Dependencies,
  claims: SessionClaims,
  request: ConfirmRequest,
  { place, origin }: { place: PasskeyPlace; origin: string },
): Promise<Result<null, Wrong>> {
  const login = await getOwnLogin(deps.database, claims);
  if (!login.ok) return login;
  const factors = await getSignInFactors(deps.database, claims.tenantId, claims.userId);
  if (factors === null) return fail({ code: 'unauthenticated' });
  if ('password' in request) {
    if (hasFactor(factors)) return fail(NEEDS_FACTOR);
    const { PASSWORD_PEPPER } = deps.settings;
    const matches = await verifyPassword(PASSWORD_PEPPER, request.password, login.value.password_hash);
    return matches ? ok(null) : fail({ code: 'wrong_password' });
  }
  const owner = { tenant_id: claims.tenantId, user_id: claims.userId };
  return 'code' in request
    ? spendCode(deps, { ...factors, owner }, request.code, origin)
    : spendProof(deps, { ...factors, owner }, request.passkey, place, 'user');
}

/** Checks who the caller is, and notes it in their session. */
export async function confirmSession(
  deps: Dependencies,
  claims: SessionClaims,
  request: ConfirmRequest,
  place: { place: PasskeyPlace; origin: string },
): Promise<Result<null, Wrong>> {
  const proved = await prove(deps, claims, request, place);
  return proved.ok ? saveConfirmation(deps.database, claims) : proved;
}

/** Returns the options with which the caller proves one of their passkeys. */
export async function optionsToConfirm(
  { database, settings }: Dependencies,
  claims: SessionClaims,
  place: PasskeyPlace,
): Promise<Result<PasskeyOptions, { code: EnterRefusal }>> {
  const factors = await getSignInFactors(database, claims.tenantId, claims.userId);
  if (factors === null) return fail({ code: 'unauthenticated' });
  const use = { tenant_id: claims.tenantId, user_id: claims.userId };
  const here = factors.passkeys.filter(({ hostname }) => hostname === place.hostname);
  return ok(await optionsToProve(settings.JWT_SECRET, place, use, here));
}
