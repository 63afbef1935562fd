import type { AuthResponse } from '../../contracts/api/account/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { SignInFailure } from '../../contracts/tenants/sign-in-failures.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { ClientPlace } from '../db/audit.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import { getUsableSignInProvider, type UsableSignInProvider } from '../db/tenants/sign-in-providers.ts';
import {
  consumeSignInTicket,
  type IdentityRefusal,
  type ProvedIdentity,
  type SignedIn,
  signInByIdentity,
} from '../db/users/identities.ts';
import { getUserOfTenant } from '../db/users/user-admin.ts';
import { recordLogin } from '../db/users/users.ts';
import { refuseDisposableEmail } from '../identity/disposable-email.ts';
import type { PasskeyPlace } from '../identity/factors/passkeys.ts';
import { checkSecondStep, type SecondStepNeeded } from '../identity/factors/second-step.ts';
import { ofRegistration } from '../identity/guessing/sign-up-limits.ts';
import { takeTries } from '../identity/guessing/take-tries.ts';
import { passOnRevokedKeys, passOnUser } from '../identity/pass-on-user.ts';
import { checkRegistration } from '../identity/registration.ts';
import { startSession } from '../identity/sessions.ts';
import { queueMail } from '../mail/queue-mail.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { type Answer, askIssuer } from './ask-issuer.ts';
import { newTicket, ticketHash } from './ticket.ts';
import { personOf, type TokenPerson } from './token-person.ts';

type Failed = { code: SignInFailure };

/** Tells whether a person without an account may get one: the provider allows it, or registration does. */
async function mayRegister(
  tenant: TenantSnapshot,
  { creates_accounts }: UsableSignInProvider,
  { email }: Pick<TokenPerson, 'email'>,
): Promise<Result<null, Failed>> {
  if (email === null) return fail({ code: 'email_unproved' });
  const lasting = await refuseDisposableEmail(email);
  if (!lasting.ok) return fail({ code: 'email_domain_refused' });
  return creates_accounts ? ok(null) : checkRegistration(tenant, email);
}

const refusals = {
  unproved: 'email_unproved',
  conflict: 'identity_conflict',
  disabled: 'user_disabled',
} as const satisfies Record<Exclude<IdentityRefusal['code'], 'unknown'>, SignInFailure>;

/** Tells the wallet and the address what was changed of an account that existed before. */
async function passOn(
  deps: Dependencies,
  wallet: WalletIdentity,
  outcome: SignedIn['outcome'],
  provider: UsableSignInProvider,
  origin: string,
): Promise<Result<null, { code: 'unavailable' }>> {
  if (outcome === 'known' || outcome === 'created') return ok(null);
  const told = await passOnUser(deps, wallet);
  if (!told.ok) return told;
  const { email } = told.value.user;
  queueMail(
    deps,
    { tenant_id: wallet.tenant_id, origin },
    { template: 'identity_linked', email, provider: provider.name },
  );
  return outcome === 'linked' ? ok(null) : passOnRevokedKeys(deps, wallet);
}

/** Signs an identity in. Makes an account within the limits of registration, if somebody without one may get it. */
async function signIn(
  deps: Dependencies,
  tenant: TenantSnapshot,
  address: string,
  identity: Omit<ProvedIdentity, 'may_create' | 'provider'> & { provider: UsableSignInProvider },
): Promise<Result<SignedIn, Failed | { code: 'unavailable' }>> {
  const known = await signInByIdentity(deps.database, { ...identity, may_create: false });
  if (known.ok) return known;
  if (known.failure.code !== 'unknown') return fail({ code: refusals[known.failure.code] });
  const allowed = await mayRegister(tenant, identity.provider, identity);
  if (!allowed.ok) return allowed;
  const taken = await takeTries(deps, ofRegistration(tenant.id, address));
  if (!taken.ok)
    return fail({ code: taken.failure.code === 'rate_limited' ? 'too_many_attempts' : 'unavailable' });
  const made = await signInByIdentity(deps.database, { ...identity, may_create: true }).catch((error) => {
    taken.value.giveBack();
    throw error;
  });
  if (!made.ok || made.value.outcome !== 'created') taken.value.giveBack();
  if (made.ok) return made;
  const { code } = made.failure;
  return fail({ code: code === 'unknown' ? 'provider_failed' : refusals[code] });
}

/** The origin of the tenant's web app, for mails, the answer of the provider, and the address of the client. */
type Finishing = Answer & { origin: string; address: string };

/**
 * Finishes a sign-in at an identity provider: asks the issuer who somebody is, and finds or makes their account. Returns a ticket, which
 * the web app exchanges for a session, and the cookie of its browser.
 */
export async function finishSignIn(
  deps: Dependencies,
  tenant: TenantSnapshot,
  { origin, address, ...answer }: Finishing,
): Promise<Result<{ ticket: string; browser: string }, Failed | { code: 'unavailable' }>> {
  const provider = await getUsableSignInProvider(deps.database, tenant.id, answer.attempt.providerId);
  if (provider === null) return fail({ code: 'not_available' });
  const claims = await askIssuer(deps, provider, answer);
  if (!claims.ok) return claims;
  const person = personOf(claims.value, provider);
  if (!person.ok) return person;
  const { ticket, browser, hash } = newTicket();
  const signedIn = await signIn(deps, tenant, address, {
    ...{ tenant_id: tenant.id, provider, ...person.value, ticket_hash: hash },
    ...{ nowS: Math.floor(Date.now() / 1_000), request_id: deps.requestId },
  });
  if (!signedIn.ok) return signedIn;
  const { user_id, outcome } = signedIn.value;
  const told = await passOn(deps, { tenant_id: tenant.id, user_id }, outcome, provider, origin);
  return told.ok ? ok({ ticket, browser }) : told;
}

/**
 * Exchanges a ticket for a session, or for the second step of the sign-in: what an identity provider proves stands in for the password.
 * `browser` is the cookie of the browser that finished the sign-in.
 */
export async function completeSignIn(
  deps: Dependencies,
  tenant: TenantSnapshot,
  { ticket, browser }: { ticket: string; browser: string },
  { client, place }: { client: ClientPlace; place: PasskeyPlace },
): Promise<Result<AuthResponse, SecondStepNeeded | { code: 'ticket_invalid' }>> {
  const used = await consumeSignInTicket(deps.database, {
    tenant_id: tenant.id,
    ticket_hash: ticketHash(ticket, browser),
  });
  if (!used.ok) return used;
  const { user_id, ...provider } = used.value;
  const second = await checkSecondStep(deps, { tenant_id: tenant.id, user_id }, place);
  if (!second.ok) return second;
  const owner = await getUserOfTenant(deps.database, tenant.id, user_id);
  if (owner === null) throw new Error('The user vanished between ticket and session');
  const started = await startSession(deps, owner.user, owner.signed_out_at_s, client);
  if (!started.ok) return fail({ code: 'ticket_invalid' });
  const login = { tenant_id: tenant.id, user_id, request_id: deps.requestId, client };
  await recordLogin(deps.database, login, provider);
  return started;
}
