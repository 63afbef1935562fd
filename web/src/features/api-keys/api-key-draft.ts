import {
  type ApiKey,
  type ApiKeyPatch,
  type ApiKeyScope,
  apiKeyPatch,
  type CreateApiKeyRequest,
  createApiKeyRequest,
} from '../../../../contracts/api/account/api-keys.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';

/** An API key while it is edited. Pure. */

const DAY_MS = 86_400_000;

/** Days until the key expires, or a word. */
export const expiryChoices = ['7', '30', '90', '365', 'never', 'date'] as const;
export type ExpiryChoice = (typeof expiryChoices)[number];

export const expiryNames: Record<ExpiryChoice, string> = {
  '7': 'In 7 days',
  '30': 'In 30 days',
  '90': 'In 90 days',
  '365': 'In a year',
  never: 'Never',
  date: 'On a date',
};

/** An emptied number field holds a text; empty is no limit. */
type Limit = number | string;

export type ApiKeyDraft = {
  name: string;
  scopes: ApiKeyScope[];
  allowed_models: string[];
  requests_per_minute: Limit;
  tokens_per_minute: Limit;
  monthly_budget_tokens: Limit;
  /** `day` is as a date field gives it, and counts when a day is the choice. */
  expires_at: { choice: ExpiryChoice; day: string };
};

export const apiKeyFields = [
  'name',
  'scopes',
  'allowed_models',
  'requests_per_minute',
  'tokens_per_minute',
  'monthly_budget_tokens',
  'expires_at',
] as const;
type ApiKeyField = (typeof apiKeyFields)[number];

const fieldRules: Record<ApiKeyField, string> = {
  name: 'Enter a name of at most 100 characters',
  scopes: 'Choose at least one permission',
  allowed_models: 'Choose at most 100 models, each once',
  requests_per_minute: 'Enter a whole number from 1 to 1,000,000, or leave it empty',
  tokens_per_minute: 'Enter a whole number, at least 1, or leave it empty',
  monthly_budget_tokens: 'Enter a whole number, 0 or more, or leave it empty',
  expires_at: 'Choose a date in the future',
};

/** A new key with the permissions that OpenAI clients need, for 90 days. */
export const emptyApiKeyDraft: ApiKeyDraft = {
  name: '',
  scopes: ['executions:write', 'models:read'],
  allowed_models: [],
  requests_per_minute: '',
  tokens_per_minute: '',
  monthly_budget_tokens: '',
  expires_at: { choice: '90', day: '' },
};

/** The date in the browser's time zone, as the value of a date field. */
const dayOf = (iso: string): string => {
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
};

/** A draft with the values of an existing key. */
export const draftOfKey = (key: ApiKey): ApiKeyDraft => ({
  name: key.name,
  scopes: key.scopes,
  allowed_models: key.allowed_models ?? [],
  requests_per_minute: key.requests_per_minute ?? '',
  tokens_per_minute: key.tokens_per_minute ?? '',
  monthly_budget_tokens: key.monthly_budget_tokens ?? '',
  expires_at:
    key.expires_at === null ? { choice: 'never', day: '' } : { choice: 'date', day: dayOf(key.expires_at) },
});

/** ISO time of the expiry: the end of the chosen day in the browser's time zone, or some days from now. Null for never; an empty text without a day. */
export function expiresAt({ choice, day }: ApiKeyDraft['expires_at'], nowMs: number): string | null {
  if (choice === 'never') return null;
  if (choice !== 'date') return new Date(nowMs + Number(choice) * DAY_MS).toISOString();
  const end = new Date(`${day}T23:59:59`);
  return Number.isNaN(end.getTime()) ? '' : end.toISOString();
}

const limitOf = (limit: Limit) => (limit === '' ? null : limit);

const changeable = (draft: ApiKeyDraft, nowMs: number) => ({
  name: draft.name.trim(),
  allowed_models: draft.allowed_models.length === 0 ? null : draft.allowed_models,
  requests_per_minute: limitOf(draft.requests_per_minute),
  tokens_per_minute: limitOf(draft.tokens_per_minute),
  monthly_budget_tokens: limitOf(draft.monthly_budget_tokens),
  expires_at: expiresAt(draft.expires_at, nowMs),
});

export const readNewKey = (draft: ApiKeyDraft, nowMs: number) =>
  readForm<CreateApiKeyRequest, ApiKeyField>(
    createApiKeyRequest,
    { ...changeable(draft, nowMs), scopes: draft.scopes },
    fieldRules,
  );

/** The changes of a draft to a key; an empty patch for none. An expiry on the same day keeps its time. */
export function readKeyChange(
  key: ApiKey,
  draft: ApiKeyDraft,
  nowMs: number,
): FormRead<ApiKeyPatch, ApiKeyField> {
  const isSameDay = JSON.stringify(draft.expires_at) === JSON.stringify(draftOfKey(key).expires_at);
  const after = { ...changeable(draft, nowMs), ...(isSameDay ? { expires_at: key.expires_at } : {}) };
  const changes = Object.entries(after).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(key[field as keyof typeof after]),
  );
  if (changes.length === 0) return { ok: true, value: {} };
  return readForm<ApiKeyPatch, ApiKeyField>(apiKeyPatch, Object.fromEntries(changes), fieldRules);
}
