import {
  type CreateProviderRequest,
  createProviderRequest,
  type Provider,
  type ProviderPatch,
  providerPatch,
  type TestProviderRequest,
  testProviderRequest,
} from '../../../../contracts/api/catalog.ts';
import { providerKindIds } from '../../../../contracts/catalog/provider-kinds.ts';
import {
  type PresetId,
  type ProviderPreset,
  providerPresets,
} from '../../../../contracts/catalog/provider-presets.ts';
import {
  changedSettings,
  defaultSettings,
  withoutValues,
} from '../../../../contracts/catalog/provider-settings.ts';
import type { ProviderKind } from '../../../../contracts/usage.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';
import { changedIn, draftOfSettings, type SettingsDraft, settingsOf } from './settings-draft.ts';

/** A provider while it is edited. Empty texts are not sent. Pure. */
export type ProviderDraft = {
  name: string;
  kind: ProviderKind;
  base_url: string;
  api_key: string;
  test_model: string;
  priority: number | string;
  enabled: boolean;
  settings: SettingsDraft;
};

export const providerFields = [
  ...(['name', 'kind', 'base_url', 'api_key', 'test_model', 'priority'] as const),
  ...([
    'settings.extra_headers',
    'settings.output_limit_parameter',
    'settings.drop_parameters',
    'settings.rename_parameters',
    'settings.allow_parameters',
    'settings.first_byte_timeout_ms',
    'settings.idle_timeout_ms',
  ] as const),
] as const;
export type ProviderField = (typeof providerFields)[number];

const fieldRules: Record<ProviderField, string> = {
  name: 'Enter a name of at most 100 characters',
  kind: 'Choose one',
  base_url: 'Enter a URL of at most 500 characters, or leave it empty',
  api_key: 'Enter the key: visible characters, without spaces',
  test_model: 'Enter a model ID of at most 200 characters, or leave it empty',
  priority: 'Enter a whole number from 0 to 1,000,000',
  'settings.extra_headers':
    'Enter one header a line, as Name: value. Credentials and headers of the connection cannot be set',
  'settings.output_limit_parameter': 'Choose one',
  'settings.drop_parameters':
    'Enter names of parameters. The model, the messages and the limits cannot be left out',
  'settings.rename_parameters':
    'Enter one parameter a line, as old: new. The model, the messages and the limits cannot be renamed',
  'settings.allow_parameters':
    'Enter names of parameters. The model, the messages and the limits are always sent as they are held',
  'settings.first_byte_timeout_ms': 'Enter 1,000 to 600,000 milliseconds, or leave it empty',
  'settings.idle_timeout_ms': 'Enter 1,000 to 600,000 milliseconds',
};

export const emptyProviderDraft: ProviderDraft = {
  name: '',
  kind: providerKindIds[0],
  base_url: '',
  api_key: '',
  test_model: '',
  priority: 100,
  enabled: true,
  settings: draftOfSettings(withoutValues(defaultSettings)),
};

/** The draft with the address and the settings of a preset. A name that was entered stays. */
export function withPreset(draft: ProviderDraft, id: PresetId): ProviderDraft {
  const { label, kind, base_url, settings }: ProviderPreset = providerPresets[id];
  return {
    ...draft,
    kind,
    name: draft.name.trim() === '' ? label : draft.name,
    base_url: base_url ?? '',
    settings: draftOfSettings(withoutValues(changedSettings(defaultSettings, settings))),
  };
}

export const draftOfProvider = ({
  name,
  kind,
  base_url,
  priority,
  enabled,
  settings,
}: Provider): ProviderDraft => ({
  ...{ name, kind, priority, enabled },
  base_url: base_url ?? '',
  api_key: '',
  test_model: '',
  settings: draftOfSettings(settings),
});

const textOrNull = (text: string) => (text.trim() === '' ? null : text.trim());
const testedWith = ({ test_model }: ProviderDraft) =>
  test_model.trim() === '' ? {} : { test_model: test_model.trim() };

/** The test request of a draft. */
export const readProviderTest = (draft: ProviderDraft) =>
  readForm<TestProviderRequest, ProviderField>(
    testProviderRequest,
    {
      kind: draft.kind,
      base_url: textOrNull(draft.base_url),
      api_key: draft.api_key,
      settings: settingsOf(draft.settings),
      ...testedWith(draft),
    },
    fieldRules,
  );

/** True when the provider needs its own key: always for tenants; for the platform, when the base URL is not the official one. */
export const needsKey = ({ base_url }: ProviderDraft, isPlatform: boolean): boolean =>
  !isPlatform || base_url.trim() !== '';

/** The request for a new provider. With `isKeyRequired`, an empty key is an error. */
export function readNewProvider(draft: ProviderDraft, isKeyRequired: boolean) {
  const { name, kind, priority, enabled } = draft;
  const api_key = isKeyRequired ? draft.api_key : textOrNull(draft.api_key);
  const request = { name, kind, priority, enabled, base_url: textOrNull(draft.base_url), api_key };
  const settings = settingsOf(draft.settings);
  return readForm<CreateProviderRequest, ProviderField>(
    createProviderRequest,
    { ...request, settings, ...testedWith(draft) },
    fieldRules,
  );
}

/** The changes of a draft to a provider; an empty patch for none. An empty key keeps the current one. */
export function readProviderChange(
  provider: Provider,
  draft: ProviderDraft,
): FormRead<ProviderPatch, ProviderField> {
  const { priority, enabled } = draft;
  const after = { name: draft.name.trim(), base_url: textOrNull(draft.base_url), priority, enabled };
  const changes = Object.entries(after).filter(
    ([field, value]) => value !== provider[field as keyof typeof after],
  );
  const key = draft.api_key === '' ? {} : { api_key: draft.api_key, ...testedWith(draft) };
  const settings = changedIn(provider.settings, draft.settings);
  const patch = { ...Object.fromEntries(changes), ...key, ...(settings !== null && { settings }) };
  if (Object.keys(patch).length === 0) return { ok: true, value: {} };
  return readForm<ProviderPatch, ProviderField>(providerPatch, patch, fieldRules);
}
