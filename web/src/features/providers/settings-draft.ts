import type { SettingsInput, ShownSettings } from '../../../../contracts/catalog/provider-settings.ts';

/** The settings of a provider while they are edited. Headers and new names are lines of text, waits may be empty. Pure. */
export type SettingsDraft = {
  extra_headers: string;
  output_limit_parameter: '' | 'max_completion_tokens' | 'max_tokens';
  stream_usage: boolean;
  drop_parameters: string[];
  rename_parameters: string;
  allow_parameters: string[];
  first_byte_timeout_ms: number | string;
  idle_timeout_ms: number | string;
};

const pairsOf = (lines: string): Record<string, string> =>
  Object.fromEntries(
    lines
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const [name = '', ...value] = line.split(':');
        return [name.trim(), value.join(':').trim()];
      }),
  );

const linesOf = (pairs: Record<string, string>): string =>
  Object.entries(pairs)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');

/** The draft of settings. A hidden value of a header stays hidden, which keeps it. */
export const draftOfSettings = (settings: ShownSettings): SettingsDraft => ({
  ...settings,
  extra_headers: linesOf(settings.extra_headers),
  output_limit_parameter: settings.output_limit_parameter ?? '',
  rename_parameters: linesOf(settings.rename_parameters),
  first_byte_timeout_ms: settings.first_byte_timeout_ms ?? '',
});

/** The settings of a draft, to be read by the contract's schema. */
export const settingsOf = (draft: SettingsDraft): Record<keyof SettingsInput, unknown> => ({
  ...draft,
  extra_headers: pairsOf(draft.extra_headers),
  output_limit_parameter: draft.output_limit_parameter === '' ? null : draft.output_limit_parameter,
  rename_parameters: pairsOf(draft.rename_parameters),
  first_byte_timeout_ms: draft.first_byte_timeout_ms === '' ? null : draft.first_byte_timeout_ms,
});

/** The settings of a draft that differ from those before; null for none. */
export function changedIn(before: ShownSettings, draft: SettingsDraft): Record<string, unknown> | null {
  const changed = Object.entries(settingsOf(draft)).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof ShownSettings]),
  );
  return changed.length === 0 ? null : Object.fromEntries(changed);
}
