import { z } from 'zod';
import { capability } from '../chat.ts';
import { moment } from '../moment.ts';
import { costRates, priceList, tokenRates } from '../price.ts';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';
import { failureKind, providerKind } from '../usage.ts';

/** The catalog as administrators govern it: providers, the models they serve, and what these cost. */

/** Lower goes first. */
const priority = z.int().min(0).max(1_000_000);

const text = (max: number) => z.string().trim().min(1).max(max).refine(isStorable, STORABLE_RULE);

const providerName = text(100);
const modelName = text(200);
/** Null is the official endpoint of the kind. */
const base_url = z.string().trim().min(1).max(500).nullable();

/** A provider's key, on its way in. It is encrypted and never shown again. */
const api_key = z
  .string()
  .trim()
  .min(1)
  .max(1_000)
  .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters, without spaces');

/** A provider as an administrator sees it. Its key stays inside. */
export const provider = z.object({
  id: z.uuid(),
  name: z.string(),
  kind: providerKind,
  base_url: z.string().nullable(),
  priority,
  enabled: z.boolean(),
  /** Whose key calls it: one of its own, or the platform's from the Worker's secrets. */
  key: z.enum(['own', 'platform']),
  model_count: z.int().min(0),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type Provider = z.infer<typeof provider>;

/**
 * What the provider calls a model that answers one tiny prompt as the test. Without it the test asks for the list of models,
 * which costs nothing, but which not every OpenAI-compatible server has.
 */
const test_model = modelName.optional();

/** A new provider. Its key is tested before it is saved. Only the platform's own may do without one. */
export const createProviderRequest = z.strictObject({
  name: providerName,
  kind: providerKind,
  base_url: base_url.default(null),
  api_key: api_key.nullable().default(null),
  priority: priority.default(100),
  enabled: z.boolean().default(true),
  test_model,
});
export type CreateProviderRequest = z.infer<typeof createProviderRequest>;

const isChange = (patch: object) => Object.values(patch).some((value) => value !== undefined);

/** What changes of a provider; what is absent stays. Another base URL takes the key again. */
export const providerPatch = z
  .strictObject({
    name: providerName.optional(),
    base_url: base_url.optional(),
    api_key: api_key.optional(),
    priority: priority.optional(),
    enabled: z.boolean().optional(),
    test_model,
  })
  .refine(({ test_model: _, ...patch }) => isChange(patch), 'Send what is to change');
export type ProviderPatch = z.infer<typeof providerPatch>;

/** Where and as whom to call, as a test: nothing is saved. */
export const testProviderRequest = z.strictObject({
  kind: providerKind,
  base_url: base_url.default(null),
  api_key,
  test_model,
});
export type TestProviderRequest = z.infer<typeof testProviderRequest>;

/** How the provider answered a test: with its models where it was asked for them, or why it did not. */
export const providerTest = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), latency_ms: z.int().min(0), models: z.array(z.string()).nullable() }),
  z.object({
    ok: z.literal(false),
    latency_ms: z.int().min(0),
    failure: z.object({ kind: failureKind, status: z.int().nullable(), message: z.string() }),
  }),
]);
export type ProviderTest = z.infer<typeof providerTest>;

/** Ids in the order in which they are to be tried. */
export const orderRequest = z.strictObject({
  ids: z
    .array(z.uuid())
    .min(1)
    .max(500)
    .refine((ids) => new Set(ids).size === ids.length, 'must name each once'),
});

/** One version of a model's price. Versions never change: what an execution paid can always be explained. */
export const modelPrice = z.object({
  version: z.int().min(1),
  list: priceList,
  effective_from: z.iso.datetime(),
  wallet_tokens_per_1000: tokenRates,
  /** Null on a tenant's list for a model of the platform: what the provider charges for it, the platform's own list says. */
  micro_usd_per_million: costRates.nullable(),
  created_at: z.iso.datetime(),
});
export type ModelPrice = z.infer<typeof modelPrice>;

/**
 * What holds now: what users pay, by a tenant's own list before the platform's, and what the provider charges, by the list of whoever
 * the model belongs to.
 */
export const effectivePrice = modelPrice.extend({
  micro_usd_per_million: costRates,
  /** The version that says what the provider charges. */
  cost_version: z.int().min(1),
});
export type EffectivePrice = z.infer<typeof effectivePrice>;

/** A new version of a price, from now on or from a moment to come. */
export const createPriceRequest = z.strictObject({
  wallet_tokens_per_1000: tokenRates.strict(),
  /** For the platform's models the platform alone says it; for a tenant's own it is needed. */
  micro_usd_per_million: costRates.strict().optional(),
  effective_from: moment
    .refine((time) => Date.parse(time) > Date.now(), 'must not be in the past; leave it out for now')
    .nullable()
    .default(null),
});
export type CreatePriceRequest = z.infer<typeof createPriceRequest>;

/** What the model can do: false where it cannot, though its provider could. What is absent, it can. */
const capabilities = z.partialRecord(capability, z.boolean());

const tokenLimit = z.int().min(1).max(1_000_000_000);
const outputFits = (model: {
  context_window_tokens?: number | undefined;
  max_output_tokens?: number | undefined;
}) =>
  model.max_output_tokens === undefined ||
  model.context_window_tokens === undefined ||
  model.max_output_tokens <= model.context_window_tokens;
const OUTPUT_RULE = { path: ['max_output_tokens'], message: 'must not exceed context_window_tokens' };

/** One way to serve a public model name. Several may share the name: then they are tried in the order of priority. */
export const adminModel = z.object({
  id: z.uuid(),
  /** Whose it is. A tenant sees the platform's models and may price them, and changes only its own. */
  owner: z.enum(['tenant', 'platform']),
  /** Null where the provider is the platform's and so not the tenant's to see. */
  provider: z.object({ id: z.uuid(), name: z.string(), kind: providerKind }).nullable(),
  public_name: z.string(),
  provider_model: z.string(),
  context_window_tokens: z.int(),
  max_output_tokens: z.int(),
  capabilities,
  priority,
  enabled: z.boolean(),
  /** In force now; null when whoever it belongs to has not priced it: then it cannot be used. */
  price: effectivePrice.nullable(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type AdminModel = z.infer<typeof adminModel>;

export const createModelRequest = z
  .strictObject({
    provider_id: z.uuid(),
    public_name: modelName,
    provider_model: modelName,
    context_window_tokens: tokenLimit,
    max_output_tokens: tokenLimit,
    capabilities: capabilities.default({}),
    priority: priority.default(0),
    enabled: z.boolean().default(true),
  })
  .refine(outputFits, OUTPUT_RULE);
export type CreateModelRequest = z.infer<typeof createModelRequest>;

/** What changes of a model; what is absent stays. */
export const modelPatch = z
  .strictObject({
    public_name: modelName.optional(),
    provider_model: modelName.optional(),
    context_window_tokens: tokenLimit.optional(),
    max_output_tokens: tokenLimit.optional(),
    capabilities: capabilities.optional(),
    priority: priority.optional(),
    enabled: z.boolean().optional(),
  })
  .refine(isChange, 'Send what is to change')
  .refine(outputFits, OUTPUT_RULE);
export type ModelPatch = z.infer<typeof modelPatch>;
