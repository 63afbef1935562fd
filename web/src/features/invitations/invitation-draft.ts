import type { Role } from '../../../../contracts/api/account/auth.ts';
import {
  type CreateInvitationRequest,
  createInvitationRequest,
} from '../../../../contracts/api/account/invitations.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';

/** An invitation while it is being filled in. Pure. */

/** `level_id` is empty for the default level. */
export type InvitationDraft = { email: string; role: Role; level_id: string };
export const invitationFields = ['email', 'role', 'level_id'] as const;

export const emptyInvitation: InvitationDraft = { email: '', role: 'user', level_id: '' };

/** Returns the request of a draft, or an error for each invalid field. */
export const readInvitation = ({
  level_id,
  ...draft
}: InvitationDraft): FormRead<CreateInvitationRequest, keyof InvitationDraft> =>
  readForm(createInvitationRequest, level_id === '' ? draft : { ...draft, level_id }, {
    email: 'Enter an email address',
    role: 'Choose a role',
    level_id: 'Choose a level',
  });

const roleChoices: { value: Role; label: string; description: string }[] = [
  { value: 'user', label: 'User', description: 'Runs prompts and spends from their own wallet.' },
  { value: 'admin', label: 'Admin', description: 'Manages users, levels, providers and settings too.' },
  { value: 'superadmin', label: 'Superadmin', description: 'Manages the platform and every tenant.' },
];

/** The roles that a user with a role can invite to: at most their own. */
export const rolesUpTo = (role: Role) =>
  roleChoices.slice(0, roleChoices.findIndex(({ value }) => value === role) + 1);
