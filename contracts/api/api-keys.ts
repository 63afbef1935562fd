import { z } from 'zod';
import { positiveWalletTokens, walletTokens } from '../amounts.ts';
import { moment } from '../moment.ts';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';
import { pageQuery } from './paging.ts';
import { userSummary } from './users.ts';

/**
 * What a key may be used for: run executions, read them, list the models, read the wallet and its ledger. Each is a part of
 * what its user may do; nothing else takes a key.
 */
export const apiKeyScope = z.enum(['executions:write', 'executions:read', 'models:read', 'wallet:read']);
export type ApiKeyScope = z.infer<typeof apiKeyScope>;

const SCOPES_TEXT =
  'What it opens, for good: `executions:write`: runs, cancels and deletes executions; `executions:read`: reads them and their receipts; `models:read`: lists models; `wallet:read`: reads the wallet and its ledger';

/** No expiry may be closer: what a cache knows of a key is up to a minute old. */
const EXPIRY_MIN_MS = 60_000;

const areDistinct = (texts: string[]) => new Set(texts).size === texts.length;

const name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine(isStorable, STORABLE_RULE)
  .describe('What to call it: one of a kind among your keys');

/** Public model names. Null allows what the user's level allows. */
const allowed_models = z
  .array(z.string().min(1).max(200).refine(isStorable, STORABLE_RULE))
  .min(1)
  .max(100)
  .refine(areDistinct, 'must name each model once')
  .nullable();

/** Null is no limit of that kind. Tokens are wallet tokens; minutes and months are the clock's, in UTC. */
const limits = {
  requests_per_minute: z
    .int()
    .min(1)
    .max(1_000_000)
    .nullable()
    .describe('Executions in a clock minute, in UTC; null is no limit'),
  tokens_per_minute: positiveWalletTokens
    .nullable()
    .describe('Wallet tokens in a clock minute, in UTC; null is no limit'),
  monthly_budget_tokens: walletTokens
    .nullable()
    .describe('Wallet tokens in a calendar month, in UTC; null is no limit'),
};

const expires_at = moment
  .refine((time) => Date.parse(time) >= Date.now() + EXPIRY_MIN_MS, 'must be at least a minute ahead')
  .nullable();

/** A key as its user and their admins see it. The secret itself is shown once, when it is made. */
export const apiKey = z.object({
  id: z.uuid().describe('The key'),
  user_id: z.uuid().describe('Whose it is'),
  user_email: z.string().describe('Email address of the user'),
  user: userSummary.describe('The user the key belongs to'),
  name: z.string().describe('What it is called'),
  prefix: z.string().describe('How the secret begins, to tell keys apart'),
  scopes: z.array(apiKeyScope).describe(SCOPES_TEXT),
  allowed_models: z
    .array(z.string())
    .nullable()
    .describe('Public model names it may call; null allows what the user’s level allows'),
  requests_per_minute: limits.requests_per_minute,
  tokens_per_minute: limits.tokens_per_minute,
  monthly_budget_tokens: limits.monthly_budget_tokens,
  expires_at: z.iso.datetime().nullable().describe('When it ends; null is never'),
  revoked_at: z.iso.datetime().nullable().describe('When it was revoked; null when it was not'),
  previous_valid_until: z.iso
    .datetime()
    .nullable()
    .describe('Until when the secret before the last rotation works as well; null when there is none'),
  last_used_at: z.iso.datetime().nullable().describe('When an execution last ran by it, to the minute'),
  created_at: z.iso.datetime().describe('When it was made'),
});
export type ApiKey = z.infer<typeof apiKey>;

/** Filters of the list: admins may name a user. */
export const apiKeysQuery = pageQuery.extend({
  user_id: z.uuid().optional().describe('Only this user’s keys; admins may name anybody of their tenant'),
});
export type ApiKeysQuery = z.infer<typeof apiKeysQuery>;

/** A new key. Without scopes it may do what an OpenAI client does: run executions and list the models. */
export const createApiKeyRequest = z.strictObject({
  name,
  scopes: z
    .array(apiKeyScope)
    .min(1)
    .refine(areDistinct, 'must name each scope once')
    .default(['executions:write', 'models:read'])
    .describe(SCOPES_TEXT),
  allowed_models: allowed_models
    .default(null)
    .describe('Public model names it may call, within what the level allows; null allows all of that'),
  requests_per_minute: limits.requests_per_minute.default(null),
  tokens_per_minute: limits.tokens_per_minute.default(null),
  monthly_budget_tokens: limits.monthly_budget_tokens.default(null),
  expires_at: expires_at.default(null).describe('When it ends, at least a minute ahead; null is never'),
});
export type CreateApiKeyRequest = z.infer<typeof createApiKeyRequest>;

/** What changes of a key; what is absent stays. Scopes are for good: another key can have others. */
export const apiKeyPatch = z
  .strictObject({
    name: name.optional().describe('What to call it: one of a kind among your keys'),
    allowed_models: allowed_models
      .optional()
      .describe('Public model names it may call, within what the level allows; null allows all of that'),
    requests_per_minute: limits.requests_per_minute.optional(),
    tokens_per_minute: limits.tokens_per_minute.optional(),
    monthly_budget_tokens: limits.monthly_budget_tokens.optional(),
    expires_at: expires_at.optional().describe('When it ends, at least a minute ahead; null is never'),
  })
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'Send what is to change');
export type ApiKeyPatch = z.infer<typeof apiKeyPatch>;

/** The longest time a previous secret may go on, in seconds: thirty days. */
const GRACE_MAX_S = 2_592_000;

/**
 * How long the previous secret goes on, in seconds. Less than a minute is a minute, since caches may know it that long; to end
 * a secret at once, revoke the key.
 */
export const rotateApiKeyRequest = z.strictObject({
  grace_s: z
    .int()
    .min(0)
    .max(GRACE_MAX_S)
    .default(86_400)
    .describe(
      'Seconds the previous secret goes on: a day unless you say. Less than a minute counts as a minute, since a cache may know it that long',
    ),
});

/** A key with its secret, which is shown this once. */
export const apiKeyWithSecret = apiKey.extend({
  secret: z.string().describe('To be sent as `Authorization: Bearer` or `x-api-key`. It is shown this once'),
});
export type ApiKeyWithSecret = z.infer<typeof apiKeyWithSecret>;
