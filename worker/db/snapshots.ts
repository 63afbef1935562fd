import { z } from 'zod';
import { user } from '../../contracts/api/auth.ts';
import { tokenRates } from '../../contracts/api/executions.ts';
import { branding } from '../../contracts/api/tenant.ts';
import { providerKind } from '../../contracts/usage.ts';
import { walletPolicy } from '../../contracts/wallet-policy.ts';

/** What an execution needs to know of a tenant and of its caller: cached as JSON, and parsed when it comes back. */

const price = z.object({
  version: z.int(),
  /** What the provider charges, micro-USD per million provider tokens. */
  micro_usd_per_million: tokenRates,
  /** What the wallet pays, wallet tokens per 1,000 provider tokens. */
  wallet_tokens_per_1000: tokenRates,
});
export type Price = z.infer<typeof price>;

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
  /** Null when nobody has priced it: such a model is refused. */
  price: price.nullable(),
});
export type Candidate = z.infer<typeof candidate>;

export const tenantSnapshot = z.object({
  id: z.uuid(),
  slug: z.string(),
  status: z.enum(['active', 'suspended']),
  branding,
  registration_open: z.boolean(),
  /** In the order in which they are tried. */
  candidates: z.array(candidate),
});
export type TenantSnapshot = z.infer<typeof tenantSnapshot>;

export const callerSnapshot = z.object({
  user,
  policy: walletPolicy,
  /** Sessions issued up to this second are signed out; null when the user never signed out. */
  signed_out_at_s: z.int().nullable(),
  /** Public model names the caller's level allows; null allows all. */
  allowed_models: z.array(z.string()).nullable(),
});
export type CallerSnapshot = z.infer<typeof callerSnapshot>;
