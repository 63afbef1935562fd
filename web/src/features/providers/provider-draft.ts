import {
  type CreateProviderRequest,
  createProviderRequest,
  type Provider,
  type ProviderPatch,
  providerPatch,
  type TestProviderRequest,
  testProviderRequest,
} from '../../../../contracts/api/catalog.ts';
import { providerKindIds } from '../../../../contracts/provider-kinds.ts';
import type { ProviderKind } from '../../../../contracts/usage.ts';
import { type FieldErrors, readForm } from '../../lib/form-errors.ts';

/** A provider while it is being filled in. Pure. Empty texts are nothing. */
export type ProviderDraft = {
  name: string;
  kind: ProviderKind;
  base_url: string;
  api_key: string;
  test_model: string;
  priority: number | string;
  enabled: boolean;
};

export const providerFields = ['name', 'kind', 'base_url', 'api_key', 'test_model', 'priority'] as const;
type ProviderField = (typeof providerFields)[number];
export type ProviderErrors = FieldErrors<ProviderField>;

const fieldRules: Record<ProviderField, string> = {
  name: 'Give it a name of at most 100 characters',
  kind: 'Choose one',
  base_url: 'An address of at most 500 characters, or nothing',
  api_key: 'Enter the key: visible characters, without spaces',
  test_model: 'A name of at most 200 characters, or nothing',
  priority: 'A whole number from 0 to 1,000,000',
};

export const emptyProviderDraft: ProviderDraft = {
  name: '',
  kind: providerKindIds[0],
  base_url: '',
  api_key: '',
  test_model: '',
  priority: 100,
  enabled: true,
};

export const draftOfProvider = ({ name, kind, base_url, priority, enabled }: Provider): ProviderDraft => ({
  ...{ name, kind, priority, enabled },
  base_url: base_url ?? '',
  api_key: '',
  test_model: '',
});

const textOrNull = (text: string) => (text.trim() === '' ? null : text.trim());
const testedWith = ({ test_model }: ProviderDraft) =>
  test_model.trim() === '' ? {} : { test_model: test_model.trim() };

/** What a test call needs: where, as whom, and perhaps with which model. */
export const readProviderTest = (draft: ProviderDraft) =>
  readForm<TestProviderRequest, ProviderField>(
    testProviderRequest,
    {
      kind: draft.kind,
      base_url: textOrNull(draft.base_url),
      api_key: draft.api_key,
      ...testedWith(draft),
    },
    fieldRules,
  );

/** A new provider. `needsKey` where it may not do without one of its own: then an empty one is refused. */
export function readNewProvider(draft: ProviderDraft, needsKey: boolean) {
  const { name, kind, priority, enabled } = draft;
  const api_key = needsKey ? draft.api_key : textOrNull(draft.api_key);
  const request = { name, kind, priority, enabled, base_url: textOrNull(draft.base_url), api_key };
  return readForm<CreateProviderRequest, ProviderField>(
    createProviderRequest,
    { ...request, ...testedWith(draft) },
    fieldRules,
  );
}

/** What a draft changes of a provider; an empty patch when nothing. An empty key stays as it is. */
export function readProviderChange(
  provider: Provider,
  draft: ProviderDraft,
): { ok: true; value: ProviderPatch } | { ok: false; errors: ProviderErrors } {
  const { priority, enabled } = draft;
  const after = { name: draft.name.trim(), base_url: textOrNull(draft.base_url), priority, enabled };
  const changes = Object.entries(after).filter(
    ([field, value]) => value !== provider[field as keyof typeof after],
  );
  const key = draft.api_key === '' ? {} : { api_key: draft.api_key, ...testedWith(draft) };
  const patch = { ...Object.fromEntries(changes), ...key };
  if (Object.keys(patch).length === 0) return { ok: true, value: {} };
  return readForm<ProviderPatch, ProviderField>(providerPatch, patch, fieldRules);
}
