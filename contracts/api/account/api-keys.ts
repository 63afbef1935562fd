import { z } from 'zod';
import { positiveWalletTokens, walletTokens } from '../../amounts.ts';
import { moment } from '../../moment.ts';
import { resourceId } from '../../resource-id.ts';
import { isStorable, STORABLE_RULE } from '../../storable-text.ts';
import { pageParams } from '../paging.ts';
import { userSummary } from '../tenant/users.ts';

/** The scopes of an API key. A key can do what its scopes name, never more than its user. */
export const apiKeyScope = z
  .enum(['executions:write', 'executions:read', 'models:read', 'wallet:read'])
  .meta({ id: 'ApiKeyScope' });
export type ApiKeyScope = z.infer<typeof apiKeyScope>;

const SCOPES_TEXT =
  'The scopes of the key, which cannot be changed later: `executions:write`: run, cancel and delete executions; `executions:read`: read executions, their receipts and usage; `models:read`: list models; `wallet:read`: read the wallet and its ledger.';

/** The earliest expiry, from now: caches can hold a key for up to a minute. */
const EXPIRY_MIN_MS = 60_000;

const areDistinct = (texts: string[]) => new Set(texts).size === texts.length;

const name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine(isStorable, STORABLE_RULE)
  .describe('The name of the key. Unique among your keys.');

/** Public model names. Null allows every model that the user's level allows. */
const allowed_models = z
  .array(z.string().min(1).max(200).refine(isStorable, STORABLE_RULE))
  .min(1)
  .max(100)
  .refine(areDistinct, 'must name each model once')
  .nullable();

/** Null means no limit. Tokens are wallet tokens; minutes and months are those of the clock, in UTC. */
const limits = {
  requests_per_minute: z
    .int()
    .min(1)
    .max(1_000_000)
    .nullable()
    .describe('Executions allowed per clock minute, in UTC. Null for no limit.'),
  tokens_per_minute: positiveWalletTokens
    .nullable()
    .describe('Wallet tokens the key may spend per clock minute, in UTC. Null for no limit.'),
  monthly_budget_tokens: walletTokens
    .nullable()
    .describe('Wallet tokens the key may spend per calendar month, in UTC. Null for no limit.'),
};

const expires_at = moment
  .refine((time) => Date.parse(time) >= Date.now() + EXPIRY_MIN_MS, 'must be at least a minute ahead')
  .nullable();

/** A key as its user and their admins see it. The secret is returned once, by the request that creates it. */
export const apiKey = z
  .object({
    id: resourceId.describe('The id of the key.'),
    user_id: resourceId.describe('The id of the user it belongs to.'),
    user_email: z.string().describe('The email address of that user.'),
    user: userSummary.describe('The user it belongs to.'),
    name: z.string().describe('The display name.'),
    prefix: z.string().describe('The first characters of the secret, to tell keys apart.'),
    scopes: z.array(apiKeyScope).describe(SCOPES_TEXT),
    allowed_models: z
      .array(z.string())
      .nullable()
      .describe(
        "Public names of the models the key may call. Null allows every model that the user's level allows.",
      ),
    requests_per_minute: limits.requests_per_minute,
    tokens_per_minute: limits.tokens_per_minute,
    monthly_budget_tokens: limits.monthly_budget_tokens,
    expires_at: z.iso.datetime().nullable().describe('The time the key expires. Null if it never does.'),
    revoked_at: z.iso.datetime().nullable().describe('The time the key was revoked. Null if it was not.'),
    previous_valid_until: z.iso
      .datetime()
      .nullable()
      .describe(
        'The time until which the secret before the last rotation still works. Null if there is no such secret.',
      ),
    last_used_at: z.iso
      .datetime()
      .nullable()
      .describe('The time of the last execution with this key, to the minute. Null if it was never used.'),
    created_at: z.iso.datetime().describe('The time the key was created.'),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKey>;

/** Filters of the list: admins may name a user. */
export const apiKeyListParams = pageParams.extend({
  user_id: resourceId
    .optional()
    .describe('Returns only the keys of this user. Admins can pass any user of their tenant.'),
});
export type ApiKeysQuery = z.infer<typeof apiKeyListParams>;

/** A new key. The default scopes are those an OpenAI client needs: run executions and list models. */
export const createApiKeyRequest = z
  .strictObject({
    name,
    scopes: z
      .array(apiKeyScope)
      .min(1)
      .refine(areDistinct, 'must name each scope once')
      .default(['executions:write', 'models:read'])
      .describe(SCOPES_TEXT),
    allowed_models: allowed_models
      .default(null)
      .describe(
        "Public names of the models the key may call, among those the user's level allows. Null allows all of them.",
      ),
    requests_per_minute: limits.requests_per_minute.default(null),
    tokens_per_minute: limits.tokens_per_minute.default(null),
    monthly_budget_tokens: limits.monthly_budget_tokens.default(null),
    expires_at: expires_at
      .default(null)
      .describe('The time the key expires, at least one minute ahead. Null if it never does.'),
  })
  .meta({ id: 'CreateApiKeyRequest' });
export type CreateApiKeyRequest = z.infer<typeof createApiKeyRequest>;

/** Changes of a key. Missing fields stay as they are. Scopes cannot be changed: create another key instead. */
export const apiKeyPatch = z
  .strictObject({
    name: name.optional().describe('The name of the key. Unique among your keys.'),
    allowed_models: allowed_models
      .optional()
      .describe(
        "Public names of the models the key may call, among those the user's level allows. Null allows all of them.",
      ),
    requests_per_minute: limits.requests_per_minute.optional(),
    tokens_per_minute: limits.tokens_per_minute.optional(),
    monthly_budget_tokens: limits.monthly_budget_tokens.optional(),
    expires_at: expires_at
      .optional()
      .describe('The time the key expires, at least one minute ahead. Null if it never does.'),
  })
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'Send at least one field')
  .meta({ id: 'UpdateApiKeyRequest' });
export type ApiKeyPatch = z.infer<typeof apiKeyPatch>;

/** The longest grace period of a previous secret, in seconds: 30 days. */
const GRACE_MAX_S = 2_592_000;

/** Rotates a secret. To end the previous secret at once, revoke the key instead. */
export const rotateApiKeyRequest = z
  .strictObject({
    grace_s: z
      .int()
      .min(0)
      .max(GRACE_MAX_S)
      .default(86_400)
      .describe(
        'Seconds for which the previous secret keeps working. Defaults to one day. A value under 60 counts as 60, because caches can hold a key that long.',
      ),
  })
  .meta({ id: 'RotateApiKeyRequest' });

/** A key with its secret, which is returned once. */
export const apiKeyWithSecret = apiKey
  .extend({
    secret: z
      .string()
      .describe('The secret. Send it as `Authorization: Bearer` or `x-api-key`. It is returned only once.'),
  })
  .meta({ id: 'ApiKeyWithSecret' });
export type ApiKeyWithSecret = z.infer<typeof apiKeyWithSecret>;
