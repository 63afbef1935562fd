import {
  type RequireMfa,
  type TenantSettings,
  type TenantSettingsPatch,
  tenantFields,
  tenantSettingsPatch,
} from '../../../../contracts/api/tenant/tenant.ts';
import { fieldNames } from '../../../../contracts/fields.ts';
import type { AllocationAfter, RegistrationMode } from '../../../../contracts/tenants/registration.ts';
import { settingForm, settingGroups } from '../../../../contracts/tenants/setting-form.ts';
import type { FieldErrors, FormRead } from '../../lib/form-errors.ts';

/** The form of the tenant settings, derived from their contract. Pure. */

type Fields = Omit<TenantSettings, 'branding'>;
export type SettingName = keyof Fields;
type NamesOf<Value> = {
  [Name in SettingName]: Fields[Name] extends Value ? Name : never;
}[SettingName];

/** Settings that are on or off. */
export type SwitchName = NamesOf<boolean>;
/** Settings of several fields, with a form of their own. */
export type FormName = 'response_cache';
/** Settings that are typed or chosen, and saved together with the others of their group. */
export type InputName = Exclude<SettingName, SwitchName | FormName>;
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
const isForm = (name: SettingName): name is FormName => typeOf(name) === 'object';
const isInput = (name: SettingName): name is InputName => !isSwitch(name) && !isForm(name);

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
  access: { title: 'Registration', about: 'Who can create an account, and what new users need.' },
  currency: { title: 'Currency', about: 'What your users spend, and what it is worth.' },
  api: {
    title: 'Browser access to the API',
    about: 'Web pages on other hostnames that call this tenant’s /v1 API.',
  },
  answers: { title: 'Answers', about: 'Limits for the length of answers.' },
  cache: { title: 'Response cache', about: 'Answers that are kept for equal requests.' },
  privacy: { title: 'Privacy', about: 'What is stored, and what users see.' },
  support: { title: 'Support', about: 'Where your users get help.' },
  administration: { title: 'Administration', about: 'What administrators can do.' },
};

export type SettingGroup = { id: GroupId; inputs: InputName[]; switches: SwitchName[]; forms: FormName[] };

/** The groups with a setting, in the order of the page. */
export const groups: SettingGroup[] = settingGroups
  .map((id) => {
    const names = settingNames.filter((name) => (textsOf(name).group ?? 'administration') === id);
    return {
      id,
      inputs: names.filter(isInput),
      switches: names.filter(isSwitch),
      forms: names.filter(isForm),
    };
  })
  .filter(({ inputs, switches, forms }) => inputs.length + switches.length + forms.length > 0);

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
    help: 'People you invite can register too.',
  },
  { value: 'invitation', label: 'People you invite', help: 'Only people with an invitation can register.' },
  { value: 'closed', label: 'Nobody', help: 'Invitations do not work either.' },
];

/** The events that the allocation of newcomers can wait for, in the order of the form. */
export const allocationChoices: { value: AllocationAfter; label: string; help: string }[] = [
  { value: 'registration', label: 'At once', help: 'New users can spend right after they register.' },
  {
    value: 'verification',
    label: 'When their email address is verified',
    help: 'With the link in an email that they get.',
  },
  { value: 'approval', label: 'When an administrator approves them', help: 'On the page of the user.' },
];

/** Those who need a second factor, in the order of the form. */
export const secondFactorChoices: { value: RequireMfa; label: string; help: string }[] = [
  { value: 'off', label: 'Nobody', help: 'Users who have set it up still use it.' },
  { value: 'admins', label: 'Administrators', help: 'Users who become administrators set it up too.' },
  { value: 'everyone', label: 'Everyone', help: 'New users set it up when they register.' },
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
    on: 'Administrators can add to their own balance and change their own policy. The audit log marks it for everyone.',
    off: 'Each administrator needs another one to add to their balance, or to change their policy. This takes effect at once.',
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
