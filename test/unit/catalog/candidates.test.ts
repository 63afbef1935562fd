import { describe, expect, it } from 'vitest';
import { candidatesOf } from '../../../worker/catalog/candidates.ts';
import { bindingOf } from '../../../worker/catalog/provider-key.ts';
import type { CallerSnapshot, Candidate, TenantSnapshot } from '../../../worker/db/snapshots.ts';
import { encryptProviderKey, keyRing } from '../../../worker/runtime/key-ring.ts';
import { createLog } from '../../../worker/runtime/log.ts';
import type { Settings } from '../../../worker/runtime/settings.ts';
import { candidate } from '../executions/candidate.ts';

const KEY_RING = keyRing.parse(`1:${Buffer.alloc(32, 7).toString('base64')}`);
const settings = {
  OPENAI_API_KEY: 'sk-platform',
  OPENAI_BASE_URL: null,
  ANTHROPIC_API_KEY: null,
  ANTHROPIC_BASE_URL: null,
  GOOGLE_API_KEY: 'g-platform',
  GOOGLE_BASE_URL: null,
  KEY_RING,
} as Settings;
const silent = { ...createLog('error', {}), error: () => undefined };

const caller = { allowed_models: null } as CallerSnapshot;
const find = (candidates: Candidate[], who: CallerSnapshot = caller) =>
  candidatesOf({ settings, log: silent }, 'auto', { candidates } as TenantSnapshot, who);
const refused = (code: string) => ({ ok: false, failure: { code } });

/** Returns the base URL and key with which each candidate would be called. */
async function credentials(candidates: Candidate[]) {
  const found = await find(candidates);
  return found.ok ? found.value.map(({ credential }) => credential) : found.failure.code;
}

describe('the candidates behind a model name', () => {
  it('are those with a credential and a price, in their order', async () => {
    const found = await find([
      candidate({}, { kind: 'anthropic' }),
      candidate({ provider_model: 'first' }),
      candidate({ provider_model: 'unpriced', price: null }),
      candidate({ provider_model: 'second' }, { kind: 'google' }),
    ]);
    expect(
      found.ok && found.value.map(({ provider_model, credential }) => [provider_model, credential.secret]),
    ).toEqual([
      ['first', 'sk-platform'],
      ['second', 'g-platform'],
    ]);
  });

  it("never carry the platform's key to a base URL that a row names", async () => {
    expect(await find([candidate({}, { base_url: 'https://elsewhere.example/v1' })])).toEqual(
      refused('unknown_model'),
    );
  });

  it('are refused as unpriced if none has a price', async () => {
    expect(await find([candidate({ price: null })])).toEqual(refused('model_unpriced'));
  });

  it('are unknown to a caller whose level, or whose key, does not allow the model', async () => {
    const key = { allowed_models: ['other'] } as CallerSnapshot['api_key'];
    for (const narrow of [
      { allowed_models: ['other'], api_key: null },
      { allowed_models: null, api_key: key },
      { allowed_models: ['auto'], api_key: key },
    ])
      expect(await find([candidate()], narrow as CallerSnapshot)).toEqual(refused('unknown_model'));
  });
});

describe('a provider’s own key', () => {
  const provider = {
    tenant_id: '01900000-0000-7000-8000-000000000001',
    id: '01900000-0000-7000-8000-000000000401',
    kind: 'openai' as const,
    base_url: 'https://ai.example/v1',
  };
  const sealed = () => encryptProviderKey(KEY_RING, bindingOf(provider), 'sk-own');
  const keyed = (api_key_ciphertext: string, changes: Partial<Candidate['provider']> = {}) =>
    candidate({}, { ...provider, api_key_ciphertext, ...changes });

  it('is sent only to the base URL it was given for', async () => {
    const ciphertext = await sealed();
    const own = { kind: 'openai', base_url: 'https://ai.example/v1', secret: 'sk-own' };
    expect(await credentials([keyed(ciphertext)])).toEqual([own]);
    const moved: Partial<Candidate['provider']>[] = [
      { tenant_id: '01900000-0000-7000-8000-000000000002' },
      { id: '01900000-0000-7000-8000-000000000402' },
      { kind: 'anthropic' },
      { base_url: 'https://thief.example/v1' },
      { base_url: 'http://ai.example/v1' },
      { base_url: null },
    ];
    for (const change of moved)
      expect(await credentials([keyed(ciphertext, change)]), JSON.stringify(change)).toBe('unavailable');
    // The cache of a decrypted key must not serve a ciphertext that does not decrypt.
    expect(await credentials([keyed(ciphertext)])).toEqual([own]);
  });

  it('that does not decrypt leads to the next candidate', async () => {
    const ciphertext = await sealed();
    const broken = `${ciphertext.slice(0, -4)}${ciphertext.endsWith('AAA=') ? 'BBB=' : 'AAA='}`;
    const found = await credentials([keyed(broken), keyed('nonsense'), candidate()]);
    expect(found).toMatchObject([{ secret: 'sk-platform' }]);
  });

  it('stays valid for another path of the same server', async () => {
    const found = await credentials([keyed(await sealed(), { base_url: 'https://ai.example/v2' })]);
    expect(found).toMatchObject([{ base_url: 'https://ai.example/v2', secret: 'sk-own' }]);
  });
});
