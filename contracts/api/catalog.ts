import { z } from 'zod';
import { capability } from '../chat.ts';
import { moment } from '../moment.ts';
import { costRates, priceList, tokenRates } from '../price.ts';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';
import { failureKind, providerKind } from '../usage.ts';

/** The catalog as administrators govern it: providers, the models they serve, and what these cost. */

/** Lower goes first. */
const priority = z.int().min(0).max(1_000_000).describe('In which order it is tried: lower goes first');

const text = (max: number) => z.string().trim().min(1).max(max).refine(isStorable, STORABLE_RULE);

const providerName = text(100);
const modelName = text(200);
/** The base URL; null is the official endpoint of the kind. */
const base_url = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .nullable()
  .meta({ examples: ['https://llm.example.com/v1'] });

/** A provider's key, on its way in. It is encrypted and never shown again. */
const api_key = z
  .string()
  .trim()
  .min(1)
  .max(1_000)
  .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters, without spaces')
  .describe('The provider’s key: visible ASCII characters, without spaces');

/** A provider as an administrator sees it. Its key stays inside. */
export const provider = z.object({
  id: z.uuid().describe('The provider'),
  name: z.string().describe('What it is called'),
  kind: providerKind.describe(
    'The kind: the protocol the provider speaks. `openai` covers every compatible server',
  ),
  base_url: z.string().nullable().describe('Its address; null is the official endpoint of its kind'),
  priority,
  enabled: z.boolean().describe('Whether it is asked at all'),
  key: z
    .enum(['own', 'platform'])
    .describe(
      'Whose key calls it: `own`: one that was given for it; `platform`: the platform’s, from the Worker’s secrets',
    ),
  model_count: z.int().min(0).describe('Models it serves'),
  created_at: z.iso.datetime().describe('When it was added'),
  updated_at: z.iso.datetime().describe('When it last changed'),
});
export type Provider = z.infer<typeof provider>;

/**
 * What the provider calls a model that answers one tiny prompt as the test. Without it the test asks for the list of models,
 * which costs nothing, but which not every OpenAI-compatible server has.
 */
const test_model = modelName
  .optional()
  .describe(
    'What the provider calls a model that answers one tiny prompt as the test. Without it the test asks for the list of models, which costs nothing, but which not every compatible server has',
  );

/** A new provider. Its key is tested before it is saved. Only the platform's own may do without one. */
export const createProviderRequest = z.strictObject({
  name: providerName.describe('What to call it'),
  kind: providerKind.describe(
    'The kind: the protocol the provider speaks. `openai` covers every compatible server',
  ),
  base_url: base_url
    .default(null)
    .describe('An https URL of a public host; null is the official endpoint of the kind'),
  api_key: api_key
    .nullable()
    .default(null)
    .describe(
      'Its key: encrypted, and never shown again. Only the platform’s own providers may do without one',
    ),
  priority: priority.default(100).describe('In which order it is tried: lower goes first'),
  enabled: z.boolean().default(true).describe('Whether it is asked at all'),
  test_model,
});
export type CreateProviderRequest = z.infer<typeof createProviderRequest>;

const isChange = (patch: object) => Object.values(patch).some((value) => value !== undefined);

/** What changes of a provider; what is absent stays. Another base URL takes the key again. */
export const providerPatch = z
  .strictObject({
    name: providerName.optional().describe('What to call it'),
    base_url: base_url
      .optional()
      .describe(
        'An https URL of a public host, or null for the official endpoint of the kind. Another address takes the key again',
      ),
    api_key: api_key.optional().describe('A new key: encrypted, and never shown again'),
    priority: priority.optional().describe('In which order it is tried: lower goes first'),
    enabled: z.boolean().optional().describe('Whether it is asked at all'),
    test_model,
  })
  .refine(({ test_model: _, ...patch }) => isChange(patch), 'Send what is to change');
export type ProviderPatch = z.infer<typeof providerPatch>;

/** Where and as whom to call, as a test: nothing is saved. */
export const testProviderRequest = z.strictObject({
  kind: providerKind.describe(
    'The kind: the protocol the provider speaks. `openai` covers every compatible server',
  ),
  base_url: base_url
    .default(null)
    .describe('An https URL of a public host; null is the official endpoint of the kind'),
  api_key,
  test_model,
});
export type TestProviderRequest = z.infer<typeof testProviderRequest>;

/** How the provider answered a test: with its models where it was asked for them, or why it did not. */
export const providerTest = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true).describe('It works'),
    latency_ms: z.int().min(0).describe('How long it took, in milliseconds'),
    models: z.array(z.string()).nullable().describe('Its models; null where a prompt was the test'),
  }),
  z.object({
    ok: z.literal(false).describe('It does not'),
    latency_ms: z.int().min(0).describe('How long it took, in milliseconds'),
    failure: z
      .object({
        kind: failureKind,
        status: z.int().nullable().describe('The HTTP status; null when no answer arrived'),
        message: z.string().describe('What it means, and the provider’s own words'),
      })
      .describe('Why it does not work'),
  }),
]);
export type ProviderTest = z.infer<typeof providerTest>;

/** Ids in the order in which they are to be tried. */
export const orderRequest = z.strictObject({
  ids: z
    .array(z.uuid())
    .min(1)
    .max(500)
    .refine((ids) => new Set(ids).size === ids.length, 'must name each once')
    .describe('Ids in the order in which they are to be tried'),
});

/** One version of a model's price. Versions never change: what an execution paid can always be explained. */
export const modelPrice = z.object({
  version: z.int().min(1).describe('Its number on this list, from 1'),
  list: priceList.describe('Whose list: the tenant’s or the platform’s'),
  effective_from: z.iso.datetime().describe('From when the price holds'),
  wallet_tokens_per_1000: tokenRates.describe('Wallet tokens for 1,000 tokens of the provider’s, by class'),
  micro_usd_per_million: costRates
    .nullable()
    .describe(
      'Millionths of a US dollar that the provider charges for a million tokens, by class. Null on a tenant’s list for a model of the platform: the platform’s own list says it',
    ),
  created_at: z.iso.datetime().describe('When it was written down'),
});
export type ModelPrice = z.infer<typeof modelPrice>;

/**
 * What holds now: what users pay, by a tenant's own list before the platform's, and what the provider charges, by the list of whoever
 * the model belongs to.
 */
export const effectivePrice = modelPrice.extend({
  micro_usd_per_million: costRates.describe(
    'Millionths of a US dollar that the provider charges for a million tokens, by class',
  ),
  cost_version: z.int().min(1).describe('The version that says what the provider charges'),
});
export type EffectivePrice = z.infer<typeof effectivePrice>;

/** A new version of a price, from now on or from a moment to come. */
export const createPriceRequest = z.strictObject({
  wallet_tokens_per_1000: tokenRates
    .strict()
    .describe('Wallet tokens for 1,000 tokens of the provider’s, by class'),
  micro_usd_per_million: costRates
    .strict()
    .optional()
    .describe(
      'Millionths of a US dollar that the provider charges for a million tokens, by class. For the platform’s models the platform alone says it; for a tenant’s own it is needed',
    ),
  effective_from: moment
    .refine((time) => Date.parse(time) > Date.now(), 'must not be in the past; leave it out for now')
    .nullable()
    .default(null)
    .describe('From when it holds; null is from now on'),
});
export type CreatePriceRequest = z.infer<typeof createPriceRequest>;

/** What the model can do: false where it cannot, though its provider could. What is absent, it can. */
const capabilities = z
  .partialRecord(capability, z.boolean().describe('Whether the model can; absent is as true'))
  .describe('False for what the model cannot do, though its provider could; what is absent, it can');

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
  id: z.uuid().describe('The model'),
  owner: z
    .enum(['tenant', 'platform'])
    .describe(
      'Whose it is. A tenant sees the platform’s models and may price them, and changes only its own',
    ),
  provider: z
    .object({
      id: z.uuid().describe('The provider'),
      name: z.string().describe('What it is called'),
      kind: providerKind.describe(
        'The kind: the protocol the provider speaks. `openai` covers every compatible server',
      ),
    })
    .nullable()
    .describe('Who serves it; null where the provider is the platform’s and so not the tenant’s to see'),
  public_name: z.string().describe('The name users ask for; several models may share it'),
  provider_model: z.string().describe('What the provider calls it'),
  context_window_tokens: z.int().describe('Tokens it takes, prompt and answer together'),
  max_output_tokens: z.int().describe('The most tokens it answers'),
  capabilities,
  priority,
  enabled: z.boolean().describe('Whether it is asked at all'),
  price: effectivePrice
    .nullable()
    .describe('In force now; null when whoever it belongs to has not priced it: then it cannot be used'),
  created_at: z.iso.datetime().describe('When it was added'),
  updated_at: z.iso.datetime().describe('When it last changed'),
});
export type AdminModel = z.infer<typeof adminModel>;

/** A new model. It cannot be used before it has a price. */
export const createModelRequest = z
  .strictObject({
    provider_id: z.uuid().describe('The provider that serves it'),
    public_name: modelName.describe('The name users ask for; several models may share it'),
    provider_model: modelName.describe('What the provider calls it'),
    context_window_tokens: tokenLimit.describe('Tokens it takes, prompt and answer together'),
    max_output_tokens: tokenLimit.describe('The most tokens it answers'),
    capabilities: capabilities.default({}).describe('False for what it cannot do, though its provider could'),
    priority: priority.default(0).describe('Lower goes first among models of one name'),
    enabled: z.boolean().default(true).describe('Whether it is asked at all'),
  })
  .refine(outputFits, OUTPUT_RULE);
export type CreateModelRequest = z.infer<typeof createModelRequest>;

/** What changes of a model; what is absent stays. */
export const modelPatch = z
  .strictObject({
    public_name: modelName.optional().describe('The name users ask for; several models may share it'),
    provider_model: modelName.optional().describe('What the provider calls it'),
    context_window_tokens: tokenLimit.optional().describe('Tokens it takes, prompt and answer together'),
    max_output_tokens: tokenLimit.optional().describe('The most tokens it answers'),
    capabilities: capabilities
      .optional()
      .describe('False for what it cannot do, though its provider could; what is absent, it can'),
    priority: priority.optional().describe('Lower goes first among models of one name'),
    enabled: z.boolean().optional().describe('Whether it is asked at all'),
  })
  .refine(isChange, 'Send what is to change')
  .refine(outputFits, OUTPUT_RULE);
export type ModelPatch = z.infer<typeof modelPatch>;
