import type { PasskeyOptions, SetUpResponse, TotpEnrolment } from '../../../contracts/api/account/factors.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { ClientPlace } from '../../db/audit.ts';
import type { NewFactor } from '../../db/users/factors.ts';
import { addFirstFactor } from '../../db/users/sign-in-factors.ts';
import { recordLogin } from '../../db/users/users.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { startSession } from '../sessions.ts';
import { beginTotp, type FactorPlace, tellUser } from './own-factors.ts';
import { optionsToAdd } from './passkeys.ts';
import { makeRecoveryCodes } from './recovery-codes.ts';
import { type TicketRefused, type TicketUser, userOfTicket } from './second-step.ts';

/** Setting up the first second factor during a sign-in, where the tenant requires one: there is no session before. */

/** Makes the secret of an app for the user of a ticket. */
export async function beginTotpByTicket(
  deps: Dependencies,
  tenantId: string,
  ticket: string,
  { tenant_name }: Pick<FactorPlace, 'tenant_name'>,
): Promise<Result<TotpEnrolment, TicketRefused>> {
  const found = await userOfTicket(deps, tenantId, 'setup', ticket);
  if (!found.ok) return found;
  const { owner, user } = found.value;
  return ok(await beginTotp(deps, owner, { tenant_name, email: user.email }));
}

/** Returns the options with which the browser of a ticket's user makes a passkey. */
export async function beginPasskeyByTicket(
  deps: Dependencies,
  tenantId: string,
  ticket: string,
  { place, tenant_name }: FactorPlace,
): Promise<Result<PasskeyOptions, TicketRefused>> {
  const found = await userOfTicket(deps, tenantId, 'setup', ticket);
  if (!found.ok) return found;
  const { owner, user } = found.value;
  const { email, name } = user;
  return ok(await optionsToAdd(deps.settings.JWT_SECRET, place, { ...owner, email, name, tenant_name }, []));
}

/** Adds the factor that a ticket's user has confirmed, and begins their session. */
export async function setUpFactor<Refusal extends { code: string }>(
  deps: Dependencies,
  tenantId: string,
  ticket: string,
  confirm: (user: TicketUser) => Promise<Result<NewFactor, Refusal>>,
  { origin, client }: { origin: string; client: ClientPlace },
): Promise<Result<SetUpResponse, Refusal | TicketRefused>> {
  const found = await userOfTicket(deps, tenantId, 'setup', ticket);
  if (!found.ok) return found;
  const { owner, signed_out_at_s } = found.value;
  const factor = await confirm(found.value);
  if (!factor.ok) return factor;
  const { codes, hashes } = await makeRecoveryCodes(owner);
  const { user_id } = owner;
  const added = await addFirstFactor(deps.database, tenantId, user_id, factor.value, hashes, deps.requestId);
  if (!added.ok) return fail({ code: added.failure.code });
  tellUser(deps, owner, origin, factor.value.kind === 'totp' ? 'app_added' : 'passkey_added');
  const user = await recordLogin(deps.database, { ...owner, request_id: deps.requestId, client });
  const started = await startSession(deps, user, signed_out_at_s, client);
  return started.ok ? ok({ ...started.value, recovery_codes: codes }) : fail({ code: 'ticket_invalid' });
}
