import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type {
  AddedFactor,
  AddPasskeyRequest,
  ConfirmTotpRequest,
  Factor,
  PasskeyOptions,
  TotpEnrolment,
} from '../../../contracts/api/account/factors.ts';
import type { SecondFactorChange } from '../../../contracts/mail-message.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { EnterRefusal } from '../../db/context.ts';
import type { NewFactor } from '../../db/users/factors.ts';
import {
  addOwnFactor,
  getPasskeyMaker,
  removeOwnFactor,
  replaceOwnCodes,
} from '../../db/users/own-factors.ts';
import { queueMail } from '../../mail/queue-mail.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { checkCreation, optionsToAdd, type PasskeyPlace } from './passkeys.ts';
import { makeRecoveryCodes } from './recovery-codes.ts';
import { makeEnrolment, readEnrolment } from './tickets.ts';
import { type FactorOwner, makeTotpSecret, stepOfCode } from './totp.ts';

/** Changes that users make of their second factors. Each is mailed to them. */

/** Where mails lead and passkeys work, and the name of the tenant. */
export type FactorPlace = { place: PasskeyPlace; origin: string; tenant_name: string };
type SettingsOf = Pick<Dependencies, 'settings'>;

const ownerOf = ({ tenantId, userId }: SessionClaims): FactorOwner => ({
  tenant_id: tenantId,
  user_id: userId,
});

/** Mails a user what changed. */
export const tellUser = (
  deps: Dependencies,
  { tenant_id, user_id }: FactorOwner,
  origin: string,
  change: SecondFactorChange,
): void => queueMail(deps, { tenant_id, origin }, { template: 'second_factor_changed', user_id, change });

/** The name of an app in lists: there is one. */
const APP_NAME = 'Authenticator app';

/** Makes the secret of an authenticator app. It is stored when a code confirms it. */
export async function beginTotp(
  { settings }: SettingsOf,
  owner: FactorOwner,
  names: { tenant_name: string; email: string },
): Promise<TotpEnrolment> {
  const labels = { issuer: names.tenant_name, label: names.email };
  const { secret, uri, ciphertext } = await makeTotpSecret(settings.KEY_RING, owner, labels);
  return { secret, uri, enrolment: await makeEnrolment(settings.JWT_SECRET, owner, ciphertext) };
}

/** Checks the first code of an app. Returns the factor to store, by which the code cannot be used again. */
export async function confirmedTotp(
  { settings }: SettingsOf,
  owner: FactorOwner,
  { enrolment, code }: ConfirmTotpRequest,
): Promise<Result<NewFactor, { code: 'ticket_invalid' | 'wrong_code' }>> {
  const secret_ciphertext = await readEnrolment(settings.JWT_SECRET, owner, enrolment);
  if (secret_ciphertext === null) return fail({ code: 'ticket_invalid' });
  const step = await stepOfCode(settings.KEY_RING, owner, secret_ciphertext, code, Date.now());
  if (!step.ok) return step;
  return ok({ id: uuidv7(), name: APP_NAME, kind: 'totp', secret_ciphertext, used_up_to: step.value });
}

/** Checks a new passkey. Returns the factor to store. */
export async function confirmedPasskey(
  { settings }: SettingsOf,
  owner: FactorOwner,
  { name, passkey }: AddPasskeyRequest,
  place: PasskeyPlace,
): Promise<Result<NewFactor, { code: 'passkey_refused' }>> {
  const checked = await checkCreation(settings.JWT_SECRET, place, owner, passkey);
  return checked.ok ? ok({ id: uuidv7(), name, ...checked.value }) : checked;
}

type AddRefusal = EnterRefusal | 'factor_exists' | 'too_many_factors';

async function add(
  deps: Dependencies,
  claims: SessionClaims,
  factor: NewFactor,
  origin: string,
): Promise<Result<AddedFactor, { code: AddRefusal }>> {
  const owner = ownerOf(claims);
  const { codes, hashes } = await makeRecoveryCodes(owner);
  const added = await addOwnFactor(deps.database, claims, factor, hashes, deps.requestId);
  if (!added.ok) return added;
  tellUser(deps, owner, origin, factor.kind === 'totp' ? 'app_added' : 'passkey_added');
  return ok({ factor: added.value.factor, recovery_codes: added.value.has_new_codes ? codes : null });
}

/** Adds the authenticator app that a code confirms. */
export async function addTotp(
  deps: Dependencies,
  claims: SessionClaims,
  request: ConfirmTotpRequest,
  { origin }: FactorPlace,
): Promise<Result<AddedFactor, { code: AddRefusal | 'ticket_invalid' | 'wrong_code' }>> {
  const confirmed = await confirmedTotp(deps, ownerOf(claims), request);
  return confirmed.ok ? add(deps, claims, confirmed.value, origin) : confirmed;
}

/** Returns the options with which the caller's browser makes a passkey. */
export async function beginPasskey(
  deps: Dependencies,
  claims: SessionClaims,
  { place, tenant_name }: FactorPlace,
): Promise<Result<PasskeyOptions, { code: EnterRefusal }>> {
  const maker = await getPasskeyMaker(deps.database, claims);
  if (!maker.ok) return maker;
  const { passkeys, ...names } = maker.value;
  const user = { ...ownerOf(claims), ...names, tenant_name };
  return ok(await optionsToAdd(deps.settings.JWT_SECRET, place, user, passkeys));
}

/** Adds a passkey of the caller. */
export async function addPasskey(
  deps: Dependencies,
  claims: SessionClaims,
  request: AddPasskeyRequest,
  { place, origin }: FactorPlace,
): Promise<Result<AddedFactor, { code: AddRefusal | 'passkey_refused' }>> {
  const confirmed = await confirmedPasskey(deps, ownerOf(claims), request, place);
  return confirmed.ok ? add(deps, claims, confirmed.value, origin) : confirmed;
}

/** Removes a factor of the caller. */
export async function removeFactor(
  deps: Dependencies,
  claims: SessionClaims,
  id: string,
  origin: string,
): Promise<Result<Pick<Factor, 'kind'>, { code: EnterRefusal | 'not_found' | 'last_factor' }>> {
  const removed = await removeOwnFactor(deps.database, claims, id, deps.requestId);
  if (removed.ok)
    tellUser(
      deps,
      ownerOf(claims),
      origin,
      removed.value.kind === 'totp' ? 'app_removed' : 'passkey_removed',
    );
  return removed;
}

/** Makes new recovery codes of the caller in place of those before. */
export async function renewRecoveryCodes(
  deps: Dependencies,
  claims: SessionClaims,
  origin: string,
): Promise<Result<{ recovery_codes: string[] }, { code: EnterRefusal | 'second_factor_missing' }>> {
  const { codes, hashes } = await makeRecoveryCodes(ownerOf(claims));
  const replaced = await replaceOwnCodes(deps.database, claims, hashes, deps.requestId);
  if (!replaced.ok) return replaced;
  tellUser(deps, ownerOf(claims), origin, 'recovery_codes_made');
  return ok({ recovery_codes: codes });
}
