import { describe, expect, it } from 'vitest';
import type { Provider } from '../../../../contracts/api/catalog.ts';
import { defaultSettings, withoutValues } from '../../../../contracts/catalog/provider-settings.ts';
import {
  draftOfProvider,
  emptyProviderDraft,
  readNewProvider,
  readProviderChange,
  withPreset,
} from '../../../../web/src/features/providers/provider-draft.ts';
import { moved } from '../../../../web/src/lib/moved.ts';

const at = '2026-11-01T00:00:00.000Z';
const PROVIDER_ID = '01900000-0000-7000-8000-000000000401';

const provider: Provider = {
  id: PROVIDER_ID,
  name: 'Acme OpenAI',
  kind: 'openai',
  base_url: 'https://ai.example.com/v1',
  priority: 10,
  enabled: true,
  key: 'own',
  settings: withoutValues(defaultSettings),
  model_count: 1,
  created_at: at,
  updated_at: at,
};

describe('The order of providers', () => {
  it('moves one entry by one place, and none past an end', () => {
    expect(moved(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c']);
    expect(moved(['a', 'b', 'c'], 1, 1)).toEqual(['a', 'c', 'b']);
    expect(moved(['a'], 0, -1)).toBeNull();
  });
});

describe('A provider', () => {
  it('needs a key, unless the platform lends its own', () => {
    const draft = { ...emptyProviderDraft, name: 'New' };
    expect(readNewProvider(draft, true)).toMatchObject({
      ok: false,
      errors: { api_key: expect.any(String) },
    });
    expect(readNewProvider(draft, false)).toMatchObject({
      ok: true,
      value: { api_key: null, base_url: null },
    });
  });

  it('is changed by what is different alone: an empty key stays as it is', () => {
    const draft = draftOfProvider(provider);
    expect(readProviderChange(provider, draft)).toEqual({ ok: true, value: {} });
    expect(readProviderChange(provider, { ...draft, base_url: ' ', api_key: 'sk-new' })).toEqual({
      ok: true,
      value: { base_url: null, api_key: 'sk-new' },
    });
  });

  it('takes the address and the settings of a preset, and keeps the name that was entered', () => {
    const drawn = withPreset(emptyProviderDraft, 'mistral');
    expect(drawn).toMatchObject({
      ...{ name: 'Mistral', kind: 'openai', base_url: 'https://api.mistral.ai/v1' },
      settings: { stream_usage: false, rename_parameters: 'seed: random_seed' },
    });
    expect(withPreset({ ...emptyProviderDraft, name: 'Ours' }, 'ollama').name).toBe('Ours');
    expect(readNewProvider({ ...drawn, api_key: 'k' }, true)).toMatchObject({
      ok: true,
      value: { settings: { stream_usage: false, rename_parameters: { seed: 'random_seed' } } },
    });
  });

  it('sends the settings that were changed, and keeps hidden values of headers', () => {
    const shown = withoutValues({ ...defaultSettings, extra_headers: { 'X-Title': 'Acme' } });
    const before = { ...provider, settings: shown };
    const draft = draftOfProvider(before);
    expect(draft.settings.extra_headers).toBe('X-Title: [hidden]');
    const settings = { ...draft.settings, extra_headers: 'X-Title: [hidden]\n\nX-New: a: b' };
    expect(readProviderChange(before, { ...draft, settings })).toEqual({
      ok: true,
      value: { settings: { extra_headers: { 'X-Title': '[hidden]', 'X-New': 'a: b' } } },
    });
  });

  it.each([
    ['extra_headers', 'Authorization: mine'],
    ['extra_headers', 'no value'],
    ['rename_parameters', 'messages: m'],
    ['drop_parameters', ['max_tokens']],
    ['allow_parameters', ['n']],
    ['first_byte_timeout_ms', 10],
    ['idle_timeout_ms', ''],
  ])('says at the setting %s that it cannot be %j', (name, value) => {
    const draft = draftOfProvider(provider);
    const settings = { ...draft.settings, [name]: value };
    expect(readProviderChange(provider, { ...draft, settings })).toEqual({
      ok: false,
      errors: { [`settings.${name}`]: expect.any(String) },
    });
  });
});
