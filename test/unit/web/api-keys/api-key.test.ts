import { describe, expect, it } from 'vitest';
import type { ApiKey } from '../../../../contracts/api/account/api-keys.ts';
import {
  draftOfKey,
  emptyApiKeyDraft,
  readKeyChange,
  readNewKey,
} from '../../../../web/src/features/api-keys/api-key-draft.ts';
import { limitsOf, rightsOf, stateOf } from '../../../../web/src/features/api-keys/api-key-words.ts';
import { snippetsOf } from '../../../../web/src/features/api-keys/key-snippets.ts';

const nowMs = Date.now();
const inDays = (days: number) => new Date(nowMs + days * 86_400_000).toISOString();

const key: ApiKey = {
  id: '01900000-0000-7000-8000-000000000001',
  user_id: '01900000-0000-7000-8000-000000000002',
  user_email: 'user@acme.test',
  user: { id: '01900000-0000-7000-8000-000000000002', name: null, email: 'user@acme.test' },
  name: 'Script',
  prefix: 'vsk_abcdef',
  scopes: ['executions:write', 'models:read'],
  allowed_models: null,
  requests_per_minute: null,
  tokens_per_minute: null,
  monthly_budget_tokens: 5_000,
  expires_at: inDays(30),
  revoked_at: null,
  previous_valid_until: null,
  last_used_at: null,
  created_at: inDays(-1),
};

describe('An API key in words', () => {
  it('says what it may do and what bounds it', () => {
    const currency = { currency_name: 'credits', currency_name_singular: 'credit' };
    expect(rightsOf(key.scopes)).toBe('Run prompts and list models');
    expect(limitsOf({ ...key, requests_per_minute: 60 }, currency)).toEqual([
      '5,000 credits a month',
      '60 requests a minute',
    ]);
  });

  it('is revoked before it is expired, and rotating only while its previous secret works', () => {
    expect(stateOf(key, nowMs)).toBe('active');
    expect(stateOf({ ...key, previous_valid_until: inDays(1) }, nowMs)).toBe('rotating');
    expect(stateOf({ ...key, previous_valid_until: inDays(-1) }, nowMs)).toBe('active');
    expect(stateOf({ ...key, expires_at: inDays(-1) }, nowMs)).toBe('expired');
    expect(stateOf({ ...key, expires_at: inDays(-1), revoked_at: inDays(-2) }, nowMs)).toBe('revoked');
  });
});

describe('A new key', () => {
  it('needs a name alone: it has no limits of its own and ends in ninety days', () => {
    const read = readNewKey({ ...emptyApiKeyDraft, name: ' Script ' }, nowMs);
    expect(read).toMatchObject({
      ok: true,
      value: { name: 'Script', allowed_models: null, monthly_budget_tokens: null, expires_at: inDays(90) },
    });
  });

  it('is not sent with what makes no sense, and each field is told why', () => {
    const expires_at = { choice: 'date', day: '' } as const;
    const read = readNewKey(
      { ...emptyApiKeyDraft, scopes: [], tokens_per_minute: 0, requests_per_minute: 1.5, expires_at },
      nowMs,
    );
    expect(read.ok ? [] : Object.keys(read.errors).sort()).toEqual([
      'expires_at',
      'name',
      'requests_per_minute',
      'scopes',
      'tokens_per_minute',
    ]);
  });

  it('may be of use until the end of its last day', () => {
    const day = inDays(3).slice(0, 10);
    const read = readNewKey(
      { ...emptyApiKeyDraft, name: 'Script', expires_at: { choice: 'date', day } },
      nowMs,
    );
    expect(read.ok && read.value.expires_at).toBe(new Date(`${day}T23:59:59`).toISOString());
  });
});

describe('A change of a key', () => {
  it('says only what is different: an untouched expiry stays at its moment', () => {
    expect(readKeyChange(key, draftOfKey(key), nowMs)).toEqual({ ok: true, value: {} });
    const changed = { ...draftOfKey(key), name: 'Other', monthly_budget_tokens: '' };
    expect(readKeyChange(key, changed, nowMs)).toEqual({
      ok: true,
      value: { name: 'Other', monthly_budget_tokens: null },
    });
  });

  it('can let a key live for ever', () => {
    const changed = { ...draftOfKey(key), expires_at: { choice: 'never', day: '' } as const };
    expect(readKeyChange(key, changed, nowMs)).toEqual({ ok: true, value: { expires_at: null } });
  });
});

describe('A snippet', () => {
  const options = { origin: 'https://ai.acme.test', secret: 'vsk_secret', model: 'auto' };

  it('has the address of the tenant and the key in it, for each client', () => {
    const snippets = snippetsOf({ ...options, scopes: ['executions:write'] });
    for (const { code } of snippets) expect(code).toContain('vsk_secret');
    expect(snippets.map(({ name }) => name)).toEqual(['OpenAI', 'curl', 'Anthropic', '.env']);
    expect(snippets[0]?.code).toContain("baseURL: 'https://ai.acme.test/v1'");
    expect(snippets[2]?.code).toContain("baseURL: 'https://ai.acme.test',");
  });

  it('tries only what the key may do', () => {
    const [snippet, ...others] = snippetsOf({ ...options, scopes: ['wallet:read'] });
    expect(snippet?.code).toContain('/api/wallet');
    expect(others).toEqual([]);
  });
});
