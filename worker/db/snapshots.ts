import { z } from 'zod';
import { apiKeyScope } from '../../contracts/api/api-keys.ts';
import { user } from '../../contracts/api/auth.ts';
import { branding, tenantFields } from '../../contracts/api/tenant.ts';
import { capability } from '../../contracts/chat.ts';
import { appliedPrice } from '../../contracts/price.ts';
import { providerKind } from '../../contracts/usage.ts';
import { walletPolicy } from '../../contracts/wallet-policy.ts';

/** What an execution needs to know of a tenant and of its caller: cached as JSON, and parsed when it comes back. */

/** One way to serve a public model name. */
export const candidate = z.object({
  public_name: z.string(),
  provider: z.object({
    tenant_id: z.uuid(),
    id: z.uuid(),
    name: z.string(),
    kind: providerKind,
    base_url: z.string().nullable(),
    api_key_ciphertext: z.string().nullable(),
    api_key_version: z.int(),
  }),
  provider_model: z.string(),
  context_window_tokens: z.int(),
  max_output_tokens: z.int(),
  /** False where the model cannot do what its provider's kind could; what is absent, it can. */
  capabilities: z.partialRecord(capability, z.boolean()),
  /** Null when nobody has priced it: such a model is refused. */
  price: appliedPrice.nullable(),
});
export type Candidate = z.infer<typeof candidate>;

/** A tenant, with every way to serve the models it may call. */
export const tenantSnapshot = z.object({
  id: z.uuid(),
  slug: z.string(),
  status: z.enum(['active', 'suspended']),
  branding,
  ...tenantFields.shape,
  /** In the order in which they are tried. */
  candidates: z.array(candidate),
});
export type TenantSnapshot = z.infer<typeof tenantSnapshot>;

/** The API key behind a caller. */
const apiKeySnapshot = z.object({
  id: z.uuid(),
  scopes: z.array(apiKeyScope),
  /** Public model names; null allows what the level allows. */
  allowed_models: z.array(z.string()).nullable(),
  /** When this secret stops: the key's expiry, or sooner where it is the one before a rotation. Null is never. */
  valid_until_ms: z.int().nullable(),
  /** As the wallet takes them. */
  limits: z.object({
    id: z.uuid(),
    /** Microseconds since the epoch of the newest change of the limits. */
    version: z.int(),
    requests_per_minute: z.int().nullable(),
    tokens_per_minute: z.int().nullable(),
    monthly_budget_tokens: z.int().nullable(),
  }),
});
export type ApiKeySnapshot = z.infer<typeof apiKeySnapshot>;

/** Whoever calls: a user, the rules their wallet lives by, and the key they came with. */
export const callerSnapshot = z.object({
  user,
  policy: walletPolicy,
  /** Sessions issued up to this second are signed out; null when the user never signed out. */
  signed_out_at_s: z.int().nullable(),
  /** Public model names the caller's level allows; null allows all. */
  allowed_models: z.array(z.string()).nullable(),
  /** Null when a session is behind the caller. */
  api_key: apiKeySnapshot.nullable(),
});
export type CallerSnapshot = z.infer<typeof callerSnapshot>;
