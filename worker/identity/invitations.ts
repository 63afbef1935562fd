import { v7 as uuidv7 } from 'uuid';
import type { AuthResponse, SessionClaims } from '../../contracts/api/account/auth.ts';
import type {
  AcceptInvitationRequest,
  CreateInvitationRequest,
  InvitationWithLink,
  OpenInvitation,
} from '../../contracts/api/account/invitations.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { ClientPlace } from '../db/audit.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import { findInvitation, saveAcceptance, saveInvitation } from '../db/users/invitations.ts';
import { isMailOn } from '../mail/mail.ts';
import { type MailDependencies, queueMail } from '../mail/queue-mail.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import {
  INVITATION_LIFETIME_DAYS,
  invitationHash,
  invitationLink,
  newInvitationToken,
} from '../tenants/invitation-link.ts';
import type { PasskeyPlace } from './factors/passkeys.ts';
import { checkSecondStep, type SecondStepNeeded } from './factors/second-step.ts';
import type { FieldRefusal } from './field-refusal.ts';
import { hashPassword } from './password.ts';
import { checkPassword } from './passwords/check-password.ts';
import { startSession } from './sessions.ts';

type CreateFailure = Extract<Awaited<ReturnType<typeof saveInvitation>>, { ok: false }>['failure'];

/** Invites somebody to the caller's tenant, whose web app is at `origin`, by mail unless asked otherwise. The link is returned once. */
export async function createInvitation(
  deps: Pick<Dependencies, 'database' | 'requestId'> & MailDependencies,
  claims: SessionClaims,
  request: CreateInvitationRequest,
  origin: string,
): Promise<Result<InvitationWithLink, CreateFailure | { code: 'mail_off' }>> {
  const is_mailed = request.mail ?? isMailOn(deps.settings);
  if (is_mailed && !isMailOn(deps.settings)) return fail({ code: 'mail_off' });
  const { token, hash } = newInvitationToken();
  const stored = { token_hash: hash, lifetime_days: INVITATION_LIFETIME_DAYS, is_mailed };
  const saved = await saveInvitation(deps.database, claims, request, stored, deps.requestId);
  if (!saved.ok) return saved;
  const { email, role, expires_at, invited_by } = saved.value;
  const link = invitationLink(origin, token);
  const mail = { template: 'invitation', email, role, link, expires_at } as const;
  const inviter = invited_by?.name ?? invited_by?.email ?? null;
  if (is_mailed) queueMail(deps, { tenant_id: claims.tenantId, origin }, { ...mail, invited_by: inviter });
  return ok({ ...saved.value, link, is_mailed });
}

type Invalid = { code: 'invitation_invalid' };

/** Returns what a token invites to. Unknown tokens, those of other tenants and those that ended are `invitation_invalid`. */
export async function lookUpInvitation(
  deps: Pick<Dependencies, 'database'>,
  tenant: TenantSnapshot,
  token: string,
): Promise<Result<OpenInvitation, Invalid>> {
  const found = await findInvitation(deps.database, tenant.id, invitationHash(token));
  if (found === null) return fail({ code: 'invitation_invalid' });
  return ok({ tenant_name: tenant.branding.name, ...found });
}

/**
 * Makes the account that an invitation describes and signs it in, also where registration is closed. An address to which the invitation was
 * not mailed gets a link to verify it.
 */
export async function acceptInvitation(
  deps: Dependencies,
  tenant: TenantSnapshot,
  { token, name, password }: AcceptInvitationRequest,
  { origin, client, place }: { origin: string; client: ClientPlace; place: PasskeyPlace },
): Promise<
  Result<
    AuthResponse,
    Invalid | FieldRefusal | SecondStepNeeded | { code: 'email_taken' | 'invalid_credentials' }
  >
> {
  const token_hash = invitationHash(token);
  // Asked before the password is hashed, which takes a hundred times as long.
  const found = await findInvitation(deps.database, tenant.id, token_hash);
  if (found === null) return fail({ code: 'invitation_invalid' });
  const owner = { email: found.email, name, tenant_name: tenant.branding.name };
  const good = await checkPassword(password, owner);
  if (!good.ok) return good;
  const accepted = await saveAcceptance(deps.database, {
    tenant_id: tenant.id,
    token_hash,
    user_id: uuidv7(),
    name: name ?? null,
    password_hash: await hashPassword(deps.settings.PASSWORD_PEPPER, password),
    request_id: deps.requestId,
  });
  if (!accepted.ok) return accepted;
  const { tenant_id, id: user_id, email, email_verified } = accepted.value;
  if (!email_verified) queueMail(deps, { tenant_id, origin }, { template: 'verify_email', email });
  const second = await checkSecondStep(deps, { tenant_id, user_id }, place);
  if (!second.ok) return second;
  const started = await startSession(deps, accepted.value, null, client);
  return started.ok ? started : fail({ code: 'invalid_credentials' });
}
