import { describe, expect, it } from 'vitest';
import type { Provider } from '../../../../contracts/api/catalog.ts';
import { moved } from '../../../../web/src/features/providers/order.ts';
import {
  draftOfProvider,
  emptyProviderDraft,
  readNewProvider,
  readProviderChange,
} from '../../../../web/src/features/providers/provider-draft.ts';

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
});
