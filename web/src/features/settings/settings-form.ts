import {
  type RequireMfa,
  settingForm,
  settingGroups,
  type TenantSettings,
  type TenantSettingsPatch,
  tenantFields,
  tenantSettingsPatch,
} from '../../../../contracts/api/tenant/tenant.ts';
import { fieldNames } from '../../../../contracts/fields.ts';
import type { AllocationAfter, RegistrationMode } from '../../../../contracts/tenants/registration.ts';
import type { FieldErrors, FormRead } from '../../lib/form-errors.ts';

/** The form of the tenant settings, derived from their contract. Pure. */

type Fields = Omit<TenantSettings, 'branding'>;
export type SettingName = keyof Fields;
type NamesOf<Value> = {
  [Name in SettingName]: Fields[Name] extends Value ? Name : never;
}[SettingName];

/** Settings that are on or off. */
export type SwitchName = NamesOf<boolean>;
/** Settings that are typed or chosen, and saved together with the others of their group. */
export type InputName = Exclude<SettingName, SwitchName>;
/** The inputs of a group while they are filled in. Lists have one item per line; empty means none. */
export type Draft = Partial<Record<InputName, string>>;

/** All settings, in the order of the form. */
export const settingNames = fieldNames(tenantFields) as SettingName[];

/** The type of a setting's value, in zod's word. */
function typeOf(name: SettingName): string {
  const { def } = tenantFields.shape[name];
  return 'innerType' in def ? def.innerType.def.type : def.type;
}

export const isSwitch = (name: SettingName): name is SwitchName => typeOf(name) === 'boolean';
const isInput = (name: SettingName): name is InputName => !isSwitch(name);

/** The control of an input. */
export const controlOf = (name: InputName): 'lines' | 'number' | 'choice' | 'text' => {
  const type = typeOf(name);
  if (type === 'array') return 'lines';
  if (type === 'enum') return 'choice';
  return type === 'number' || type === 'int' ? 'number' : 'text';
};

/** Label and help text of a setting. Throws for a setting that the contract does not describe. */
export function textsOf(name: SettingName) {
  const texts = settingForm.get(tenantFields.shape[name]);
  if (texts === undefined) throw new Error(`The setting ${name} has no label`);
  return texts;
}

type GroupId = (typeof settingGroups)[number];

/** Titles of the groups, with a line about each. */
export const groupWords: Record<GroupId, { title: string; about: string }> = {
  access: { title: 'Registration', about: 'The people who get an account.' },
  api: {
    title: 'Browser access to the API',
    about: 'Web pages on other hostnames that call this tenant’s /v1 API.',
  },
  answers: { title: 'Answers', about: 'The length of answers.' },
  privacy: { title: 'Privacy', about: 'Stored texts, and figures that users see.' },
  support: { title: 'Support', about: 'Help for your users.' },
  administration: { title: 'Administration', about: 'Rights of administrators.' },
};

export type SettingGroup = { id: GroupId; inputs: InputName[]; switches: SwitchName[] };

/** The groups with a setting, in the order of the page. */
export const groups: SettingGroup[] = settingGroups
  .map((id) => {
    const names = settingNames.filter((name) => (textsOf(name).group ?? 'administration') === id);
    return { id, inputs: names.filter(isInput), switches: names.filter(isSwitch) };
  })
  .filter(({ inputs, switches }) => inputs.length + switches.length > 0);

/** Returns the inputs' texts for the values of settings. */
export function draftOf(settings: Fields, names: readonly InputName[]): Draft {
  const text = (value: Fields[InputName]) => (Array.isArray(value) ? value.join('\n') : String(value ?? ''));
  return Object.fromEntries(names.map((name) => [name, text(settings[name])]));
}

const linesOf = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Spellings that are certainly meant: without a trailing slash, or without the @ before a domain. */
const spelling: Partial<Record<InputName, (line: string) => string>> = {
  allowed_origins: (line) => line.replace(/\/$/, '').toLowerCase(),
  registration_email_domains: (line) => line.replace(/^@/, '').toLowerCase(),
};

function typedValue(name: InputName, text: string): unknown {
  const trimmed = text.trim();
  const control = controlOf(name);
  if (control === 'lines') return linesOf(text).map(spelling[name] ?? ((line) => line));
  if (trimmed === '') return null;
  return control === 'number' ? Number(trimmed) : trimmed;
}

const sentenceOf = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The error of one setting. An error of a line names the line. */
function errorOf(name: InputName, value: unknown): string | null {
  const issue = tenantFields.shape[name].safeParse(value).error?.issues[0];
  if (issue === undefined) return null;
  const line = Array.isArray(value) ? value[Number(issue.path[0])] : undefined;
  if (line !== undefined) return `“${line}” ${issue.message}.`;
  return value === null ? 'Enter a value.' : `${sentenceOf(issue.message)}.`;
}

/** The change that a draft makes to settings, or the error of each field that breaks its rule. */
export function readDraft(draft: Draft, settings: Fields): FormRead<TenantSettingsPatch, InputName> {
  const before = draftOf(settings, Object.keys(draft) as InputName[]);
  const changed = (Object.keys(draft) as InputName[]).filter((name) => draft[name] !== before[name]);
  const patch = Object.fromEntries(changed.map((name) => [name, typedValue(name, draft[name] ?? '')]));
  const errors: FieldErrors<InputName> = {};
  for (const name of changed) {
    const error = errorOf(name, patch[name]);
    if (error !== null) errors[name] = error;
  }
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  return { ok: true, value: changed.length === 0 ? {} : tenantSettingsPatch.parse(patch) };
}

/** The ways to register, in the order of the form. */
export const registrationChoices: { value: RegistrationMode; label: string; help: string }[] = [
  { value: 'open', label: 'Everyone', help: 'Anyone who opens this hostname.' },
  {
    value: 'email_domains',
    label: 'People with an email address of your domains',
    help: 'And people whom you invite.',
  },
  { value: 'invitation', label: 'People whom you invite', help: 'Nobody else.' },
  { value: 'closed', label: 'Nobody', help: 'Open invitations do not work either.' },
];

/** The events that the allocation of newcomers can wait for, in the order of the form. */
export const allocationChoices: { value: AllocationAfter; label: string; help: string }[] = [
  { value: 'registration', label: 'At once', help: 'Whoever registers can spend.' },
  {
    value: 'verification',
    label: 'When their email address is verified',
    help: 'By a link that is mailed to it.',
  },
  { value: 'approval', label: 'When an administrator approves them', help: 'On the page of each user.' },
];

/** Those who need a second factor, in the order of the form. */
export const secondFactorChoices: { value: RequireMfa; label: string; help: string }[] = [
  { value: 'off', label: 'Nobody', help: 'Who has set it up is asked for it.' },
  { value: 'admins', label: 'Administrators', help: 'And those who become one.' },
  { value: 'everyone', label: 'Everyone', help: 'Newcomers set it up as they register.' },
];

const choices: Partial<Record<InputName, { value: string; label: string; help: string }[]>> = {
  registration: registrationChoices,
  allocation_after: allocationChoices,
  require_mfa: secondFactorChoices,
};

/** Returns the choices of a setting. */
export const choicesOf = (name: InputName): { value: string; label: string; help: string }[] =>
  choices[name] ?? [];

/** Consequences of turning a setting on or off, shown before it is saved. */
export const consequences: Partial<Record<SwitchName, { on: string; off: string }>> = {
  allows_self_made_changes: {
    on: 'Administrators can add tokens to their own wallet and change their own policy. The audit log marks it for everyone.',
    off: 'Each administrator needs another one to add tokens to their wallet, or to change their policy. This takes effect at once.',
  },
  stores_contents: {
    on: 'Prompts and answers of all users are stored within a minute, streamed ones included. Tell your users.',
    off: 'New prompts and answers are no longer stored, within a minute. Stored ones remain until their user deletes them or their days have passed. Background executions are still stored for a day, so that their answers can be fetched.',
  },
  keeps_conversations: {
    on: 'Conversations of the playground are kept for their users within a minute. Tell your users.',
    off: 'New prompts and answers of the playground are no longer kept, within a minute. Kept conversations remain until their user deletes them.',
  },
  shows_provider_cost: {
    on: 'Every user sees what their executions cost you at the provider, past ones included.',
    off: 'Users no longer see provider prices and costs, within a minute. Copies of answers and exported ledgers that they have already made still hold them.',
  },
  fits_to_balance: {
    on: 'Requests get shorter answers where the balance does not cover their whole limit, within a minute.',
    off: 'Requests are refused where the balance does not cover their whole limit, within a minute. Integrations that rely on shorter answers stop working at a low balance.',
  },
};
