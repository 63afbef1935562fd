import type { AuditEntry } from '../../../../contracts/api/tenant/audit.ts';
import { formatSigned, sentence } from '../../lib/format.ts';

/** Entries of the audit log, in words. Pure. */

const titles: Record<string, string> = {
  'ai_model.list_price_kept': 'New list price of a model declined',
  'level.changed': 'Level changed',
  'level.created': 'Level created',
  'level.token_policy_changed': 'Policy of a level changed',
  'levels.ordered': 'Levels ordered',
  'model_name.changed': 'Aliases or order of a model changed',
  'management_key.created': 'Management key created',
  'management_key.revoked': 'Management key revoked',
  'management_key.rotated': 'Secret of a management key rotated',
  'tenant.entered': 'Entered by a superadmin',
  'tenant.left': 'Left by a superadmin',
  'tenant.self_made_changes_locked': 'Self-made changes locked by the platform',
  'tenant.self_made_changes_unlocked': 'Self-made changes unlocked by the platform',
  'tenant.settings_changed': 'Settings changed',
  'sign_in_provider.changed': 'Identity provider changed',
  'sign_in_provider.created': 'Identity provider added',
  'sign_in_provider.deleted': 'Identity provider deleted',
  'user.changed': 'User changed',
  'user.created': 'User created by a server',
  'user.closed': 'Account closed by its user',
  'user.email_change_requested': 'Another email address asked for',
  'user.email_changed': 'Email address changed',
  'user.email_verified': 'Email address verified',
  'user.exported': 'Account exported by its user',
  'user.factor_added': 'Second factor added',
  'user.factor_removed': 'Second factor removed',
  'user.factors_removed': 'Second factors removed by an administrator',
  'user.identity_linked': 'Account at an identity provider linked',
  'user.identity_unlinked': 'Account at an identity provider unlinked',
  'user.logged_in': 'Signed in',
  'user.login_failed': 'Wrong password',
  'user.password_changed': 'Password changed',
  'user.password_reset': 'Password reset by a link',
  'user.recovery_code_used': 'Recovery code used',
  'user.recovery_codes_made': 'Recovery codes made',
  'user.registered': 'Registered',
  'user.registration_repeated': 'Tried to register again',
  'user.second_factor_failed': 'Wrong second factor',
  'user.signed_out': 'Signed out',
  'user.token_policy_changed': 'Policy of a user changed',
  'tenant.alert_rules_changed': 'Alert rules changed',
  'wallet.adjusted': 'Balance adjusted',
  'wallet.credited': 'Balance increased',
  'webhook.changed': 'Webhook changed',
  'webhook.created': 'Webhook created',
  'webhook.deleted': 'Webhook deleted',
  'webhook.rotated': 'Secret of a webhook rotated',
};

/** The title of an action. An action without one is spelled out. */
export const titleOf = ({ action }: Pick<AuditEntry, 'action'>): string =>
  titles[action] ?? sentence(action.replaceAll('.', ' '));

/** The actions to choose from: one, or all of a kind. */
export const actionChoices = [
  { value: 'user.logged_in', label: 'Sign-ins' },
  { value: 'user.login_failed', label: 'Wrong passwords' },
  { value: 'user', label: 'Users' },
  { value: 'wallet', label: 'Balances' },
  { value: 'level', label: 'Levels' },
  { value: 'api_key', label: 'API keys' },
  { value: 'management_key', label: 'Management keys' },
  { value: 'invitation', label: 'Invitations' },
  { value: 'ai_provider', label: 'Providers' },
  { value: 'sign_in_provider', label: 'Identity providers' },
  { value: 'ai_model', label: 'Models' },
  { value: 'model_name', label: 'Aliases and routing' },
  { value: 'domain', label: 'Domains' },
  { value: 'webhook', label: 'Webhooks' },
  { value: 'tenant', label: 'Settings and budget' },
];

export type AuditChange = { field: string; before: string | null; after: string };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Names by id, to be shown in place of ids. */
export type Names = ReadonlyMap<string, string>;

function wordsOf(value: unknown, names: Names): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value))
    return value.length === 0 ? 'none' : value.map((one) => wordsOf(one, names)).join(', ');
  return names.get(String(value)) ?? (isObject(value) ? JSON.stringify(value) : String(value));
}

function* differences(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  names: Names,
): Generator<AuditChange> {
  for (const [name, value] of Object.entries(after)) {
    const known = before[name];
    if (isObject(value)) yield* differences(isObject(known) ? known : {}, value, names);
    else if (JSON.stringify(known) !== JSON.stringify(value))
      yield {
        field: sentence(name.replace(/_id$/, '')),
        before: known === undefined ? null : wordsOf(known, names),
        after: wordsOf(value, names),
      };
  }
}

/** The values that an entry changed: from `before` to `after`, or the amount and the reason of a correction. None of something new. */
export function changesOf({ details }: Pick<AuditEntry, 'details'>, names: Names): AuditChange[] {
  const { before, after, amount, reason, reference } = details;
  if (typeof amount === 'number')
    return [
      { field: 'Amount', before: null, after: formatSigned(amount) },
      ...(typeof reason === 'string' ? [{ field: 'Reason', before: null, after: reason }] : []),
      ...(typeof reference === 'string' ? [{ field: 'Reference', before: null, after: reference }] : []),
    ];
  return isObject(before) && isObject(after) ? [...differences(before, after, names)] : [];
}

/** The name of the person or the management key that acted. */
export const actorOf = ({ actor, actor_key, actor_role }: AuditEntry): string => {
  if (actor_role === 'management_key') return actor_key?.name ?? 'A management key';
  if (actor !== null) return actor.name ?? actor.email;
  return actor_role === 'service' ? 'The platform' : 'A superadmin';
};
