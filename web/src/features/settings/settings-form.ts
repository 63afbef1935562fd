import {
  settingForm,
  type TenantSettings,
  type TenantSettingsPatch,
  tenantSettings,
  tenantSettingsPatch,
} from '../../../../contracts/api/tenant.ts';
import { fieldNames } from '../../../../contracts/fields.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';

/** The form of the tenant settings, derived from their contract. Pure. */

type NamesOf<Value> = {
  [Name in keyof TenantSettings]: TenantSettings[Name] extends Value ? Name : never;
}[keyof TenantSettings];

/** Settings that are on or off. */
export type SwitchName = NamesOf<boolean>;
/** Settings with a text, or null for none. */
export type TextName = NamesOf<string | null>;

/** All settings, in the order of the form. */
export const settingNames = fieldNames(tenantSettings);

export const isSwitch = (name: keyof TenantSettings): name is SwitchName =>
  tenantSettings.shape[name].def.type === 'boolean';

/** Label and help text of a setting. Throws for a setting that the contract does not describe. */
export function textsOf(name: keyof TenantSettings): { label: string; help: string } {
  const texts = settingForm.get(tenantSettings.shape[name]);
  if (texts === undefined) throw new Error(`The setting ${name} has no label`);
  return texts;
}

/** The change of a text setting, or the error of the contract. An empty text is none. */
export function readText(name: TextName, text: string): FormRead<TenantSettingsPatch, TextName> {
  const value = text.trim() === '' ? null : text.trim();
  const rule = tenantSettings.shape[name].safeParse(value).error?.issues[0]?.message ?? '';
  return readForm(tenantSettingsPatch, { [name]: value }, { [name]: rule } as Record<TextName, string>);
}

/** Consequences of turning a setting on or off, shown before it is saved. */
export const consequences: Partial<Record<SwitchName, { on: string; off: string }>> = {
  stores_contents: {
    on: 'Prompts and answers of all users are stored within a minute, streamed ones included. Tell your users.',
    off: 'New prompts and answers are no longer stored, within a minute. Stored ones remain until their user deletes them. Background executions are still stored for a day, so that their answers can be fetched.',
  },
};
