import { z } from 'zod';
import { apiKeyScope } from '../../contracts/api/account/api-keys.ts';
import { user } from '../../contracts/api/account/auth.ts';
import { offeredSignIn } from '../../contracts/api/account/sign-in.ts';
import { tenantStatus } from '../../contracts/api/platform/tenants.ts';
import { levelName } from '../../contracts/api/tenant/levels.ts';
import { branding, tenantFields } from '../../contracts/api/tenant/tenant.ts';
import { modelKind } from '../../contracts/catalog/model-kinds.ts';
import { routingStrategy } from '../../contracts/catalog/model-routing.ts';
import { appliedPrice } from '../../contracts/catalog/price.ts';
import { providerSettings } from '../../contracts/catalog/provider-settings.ts';
import { capability } from '../../contracts/chat/chat.ts';
import { featureFlags } from '../../contracts/tenants/level-features.ts';
import { providerKind } from '../../contracts/usage.ts';
import { budgetTerms } from '../../contracts/wallet/budget-terms.ts';
import { walletPolicy } from '../../contracts/wallet/wallet-policy.ts';

/**
 * Snapshots of a tenant and a caller, with everything an execution needs. They are cached as JSON and parsed when read back.
 */

/** One way to serve a public model name. */
export const candidate = z.object({
  public_name: z.string(),
  /** Snapshots that were cached before models had kinds lack it. */
  kind: modelKind.default('chat'),
  provider: z.object({
    tenant_id: z.uuid(),
    id: z.uuid(),
    name: z.string(),
    kind: providerKind,
    base_url: z.string().nullable(),
    api_key_ciphertext: z.string().nullable(),
    api_key_version: z.int(),
    settings: providerSettings.prefault({}),
  }),
  provider_model: z.string(),
  /** The time at which the model was added to the catalog, in epoch milliseconds. */
  created_at_ms: z.int(),
  context_window_tokens: z.int(),
  max_output_tokens: z.int(),
  /** Share of the requests where the models of the name are chosen by weight. */
  weight: z.int(),
  /** False for capabilities the model lacks. Absent ones are those of the provider's kind. */
  capabilities: z.partialRecord(capability, z.boolean()),
  /** Null without a price; such a model is refused. */
  price: appliedPrice.nullable(),
});
export type Candidate = z.infer<typeof candidate>;

/** The choice among the models of one public name. */
const route = z.object({ strategy: routingStrategy, keeps_provider: z.boolean() });
export type Route = z.infer<typeof route>;

/** A tenant with its settings and every way to serve its models. */
export const tenantSnapshot = z.object({
  id: z.uuid(),
  slug: z.string(),
  status: tenantStatus,
  branding,
  ...tenantFields.shape,
  budget: budgetTerms,
  /** The levels that are not archived, in their order. */
  levels: z.array(levelName.extend({ features: featureFlags })),
  /** The enabled identity providers, in the order in which they were added. */
  sign_in_providers: z.array(offeredSignIn),
  /** In the order of failover. */
  candidates: z.array(candidate),
  /** Further names of models: the public name by its alias. */
  model_aliases: z.record(z.string(), z.string()),
  /** By public name. A name without a route is tried by priority. */
  model_routes: z.record(z.string(), route),
});
export type TenantSnapshot = z.infer<typeof tenantSnapshot>;

/** The API key of a caller. */
const apiKeySnapshot = z.object({
  id: z.uuid(),
  scopes: z.array(apiKeyScope),
  /** Public model names; null allows those of the level. */
  allowed_models: z.array(z.string()).nullable(),
  /**
   * Time at which this secret stops working: the key's expiry or, for a replaced secret, the end of its grace period. Null for
   * never.
   */
  valid_until_ms: z.int().nullable(),
  /** In the form the wallet expects. */
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

/** A caller: the user, the policy of their wallet, and the API key they used. */
export const callerSnapshot = z.object({
  user,
  policy: walletPolicy,
  /** Sessions issued up to this second are signed out; null when the user never signed out. */
  signed_out_at_s: z.int().nullable(),
  /** Public model names the caller's level allows; null allows all. */
  allowed_models: z.array(z.string()).nullable(),
  /** The output limit of the level for requests that set none; null for the tenant's. */
  default_output_limit: z.int().nullable(),
  /** Null for a session. */
  api_key: apiKeySnapshot.nullable(),
});
export type CallerSnapshot = z.infer<typeof callerSnapshot>;
