import type { AuthResponse } from '../../../contracts/api/account/auth.ts';
import type {
  PasskeyProof,
  SecondFactorMethod,
  SecondFactorRequest,
} from '../../../contracts/api/account/factors.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { ClientPlace } from '../../db/audit.ts';
import {
  findPasskeyOwner,
  getSignInFactors,
  type SignInFactors,
  spendFactor,
  spendRecoveryCode,
} from '../../db/users/sign-in-factors.ts';
import { recordFailedLogin, recordLogin } from '../../db/users/users.ts';
import { queueMail } from '../../mail/queue-mail.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { type SessionRefused, startSession } from '../sessions.ts';
import { checkProof, type PasskeyPlace } from './passkeys.ts';
import { readRecoveryCode, recoveryCodeHash } from './recovery-codes.ts';
import { makeTicket, readTicket } from './tickets.ts';
import { type FactorOwner, stepOfCode } from './totp.ts';

/** The second step of a sign-in. A session of somebody who has a second factor, or needs one, begins here alone. */

/** Why a sign-in with the right password does not begin a session yet. */
export type SecondStepNeeded =
  | { code: 'second_factor_required'; ticket: string; methods: SecondFactorMethod[] }
  | { code: 'second_factor_setup_required'; ticket: string };

/** True if somebody has a second factor. */
export const hasFactor = ({ app, passkeys }: SignInFactors) => app !== null || passkeys.length > 0;

/** The ways in which a user can prove a second factor at a hostname. Passkeys work at the one that they were made for. */
const methodsAt = (
  hostname: string,
  { app, passkeys, recovery_codes_left }: SignInFactors,
): SecondFactorMethod[] => [
  ...(app === null ? [] : (['totp'] as const)),
  ...(passkeys.some((one) => one.hostname === hostname) ? (['passkey'] as const) : []),
  ...(recovery_codes_left === 0 ? [] : (['recovery_code'] as const)),
];

/**
 * Checks what a user needs beside the password, or beside whatever else proved who they are. Every way to sign in asks here before
 * `startSession`, except passkeys, which are both factors.
 */
export async function checkSecondStep(
  deps: Pick<Dependencies, 'database' | 'settings'>,
  { tenant_id, user_id }: FactorOwner,
  { hostname }: PasskeyPlace,
): Promise<Result<null, SecondStepNeeded>> {
  const factors = await getSignInFactors(deps.database, tenant_id, user_id);
  if (factors === null) throw new Error('The user vanished between password and session');
  const use = hasFactor(factors) ? 'check' : 'setup';
  if (use === 'setup' && !factors.required) return ok(null);
  // After a sign-out of this second, as sessions are.
  const issued_at_s = Math.max(Math.floor(Date.now() / 1_000), (factors.signed_out_at_s ?? 0) + 1);
  const ticket = await makeTicket(deps.settings.JWT_SECRET, { tenant_id, user_id, use, issued_at_s });
  return use === 'setup'
    ? fail({ code: 'second_factor_setup_required', ticket })
    : fail({ code: 'second_factor_required', ticket, methods: methodsAt(hostname, factors) });
}

/** The user of a ticket, as the database has them now. */
export type TicketUser = SignInFactors & { owner: FactorOwner };
export type TicketRefused = { code: 'ticket_invalid' | 'user_disabled' };

/** Returns the user of a ticket. `ticket_invalid` also if all sessions were ended since: by a new password, for example. */
export async function userOfTicket(
  { database, settings }: Pick<Dependencies, 'database' | 'settings'>,
  tenantId: string,
  use: 'check' | 'setup',
  ticket: string,
): Promise<Result<TicketUser, TicketRefused>> {
  const owner = await readTicket(settings.JWT_SECRET, tenantId, use, ticket);
  if (owner === null) return fail({ code: 'ticket_invalid' });
  const factors = await getSignInFactors(database, tenantId, owner.user_id);
  if (factors === null || owner.issued_at_s <= (factors.signed_out_at_s ?? 0))
    return fail({ code: 'ticket_invalid' });
  if (factors.user.status === 'disabled') return fail({ code: 'user_disabled' });
  if (hasFactor(factors) !== (use === 'check')) return fail({ code: 'ticket_invalid' });
  return ok({ ...factors, owner: { tenant_id: tenantId, user_id: owner.user_id } });
}

/** Checks a code of the app, or a recovery code, and uses it up. */
export async function spendCode(
  deps: Dependencies,
  { owner, app }: Pick<TicketUser, 'owner' | 'app'>,
  code: string,
  origin: string,
): Promise<Result<null, { code: 'wrong_code' }>> {
  const { tenant_id, user_id } = owner;
  const digits = code.replaceAll(/\s/g, '');
  if (/^\d{6}$/.test(digits)) {
    if (app === null) return fail({ code: 'wrong_code' });
    const { KEY_RING } = deps.settings;
    const step = await stepOfCode(KEY_RING, owner, app.secret_ciphertext, digits, Date.now());
    if (!step.ok) return step;
    const spent = await spendFactor(deps.database, tenant_id, { id: app.id, used_up_to: step.value });
    return spent ? ok(null) : fail({ code: 'wrong_code' });
  }
  const recovery = readRecoveryCode(code);
  const hash = recovery && (await recoveryCodeHash(owner, recovery));
  if (hash === null || !(await spendRecoveryCode(deps.database, tenant_id, user_id, hash, deps.requestId)))
    return fail({ code: 'wrong_code' });
  const mail = { template: 'second_factor_changed', user_id, change: 'recovery_code_used' } as const;
  queueMail(deps, { tenant_id, origin }, mail);
  return ok(null);
}

/** Checks a proof of one of a user's passkeys, for a challenge of theirs or of nobody in particular, and uses it up. */
export async function spendProof(
  { database, settings }: Pick<Dependencies, 'database' | 'settings'>,
  { owner, passkeys }: Pick<TicketUser, 'owner' | 'passkeys'>,
  passkey: PasskeyProof,
  place: PasskeyPlace,
  challengeOf: 'user' | 'anybody',
): Promise<Result<null, { code: 'passkey_refused' }>> {
  const stored = passkeys.find((one) => one.credential_id === passkey.id && one.hostname === place.hostname);
  if (stored === undefined) return fail({ code: 'passkey_refused' });
  const use = { tenant_id: owner.tenant_id, user_id: challengeOf === 'user' ? owner.user_id : null };
  const proved = await checkProof(settings.JWT_SECRET, place, use, stored, passkey);
  if (!proved.ok) return proved;
  const spent = await spendFactor(database, owner.tenant_id, proved.value);
  return spent ? ok(null) : fail({ code: 'passkey_refused' });
}

type SignInPlace = { place: PasskeyPlace; origin: string; client: ClientPlace };

/** Records a sign-in whose second step was right, and begins its session. */
async function begin(
  deps: Dependencies,
  { owner, signed_out_at_s }: Pick<TicketUser, 'owner' | 'signed_out_at_s'>,
  client: ClientPlace,
): Promise<Result<AuthResponse, SessionRefused>> {
  const user = await recordLogin(deps.database, { ...owner, request_id: deps.requestId, client });
  return startSession(deps, user, signed_out_at_s, client);
}

/** Ends a sign-in by a code or a passkey of the user of its ticket. Wrong ones are recorded. */
export async function endSignIn(
  deps: Dependencies,
  user: TicketUser,
  request: SecondFactorRequest,
  { place, origin, client }: SignInPlace,
): Promise<Result<AuthResponse, { code: 'wrong_code' | 'passkey_refused' | 'ticket_invalid' }>> {
  const checked =
    'code' in request
      ? await spendCode(deps, user, request.code, origin)
      : await spendProof(deps, user, request.passkey, place, 'user');
  if (!checked.ok) {
    const attempt = { ...user.owner, request_id: deps.requestId, client };
    await recordFailedLogin(deps.database, attempt, 'user.second_factor_failed');
    return checked;
  }
  const begun = await begin(deps, user, client);
  return begun.ok ? begun : fail({ code: 'ticket_invalid' });
}

/** Signs in by a passkey alone, whoever's it is. Every failure is the same, so that nobody learns whose passkeys there are. */
export async function signInByPasskey(
  deps: Dependencies,
  tenantId: string,
  passkey: PasskeyProof,
  { place, client }: Omit<SignInPlace, 'origin'>,
): Promise<Result<AuthResponse, { code: 'passkey_refused' | 'user_disabled' }>> {
  const user_id = await findPasskeyOwner(deps.database, tenantId, passkey.id);
  const factors = user_id && (await getSignInFactors(deps.database, tenantId, user_id));
  if (!user_id || !factors) return fail({ code: 'passkey_refused' });
  const found = { ...factors, owner: { tenant_id: tenantId, user_id } };
  const proved = await spendProof(deps, found, passkey, place, 'anybody');
  if (!proved.ok) return proved;
  if (factors.user.status === 'disabled') return fail({ code: 'user_disabled' });
  const begun = await begin(deps, found, client);
  return begun.ok ? begun : fail({ code: 'passkey_refused' });
}
