import { z } from 'zod';
import { modelKind, modelKinds } from '../catalog/model-kinds.ts';
import { WEIGHT_MAX } from '../catalog/model-routing.ts';
import { priceList, rates } from '../catalog/price.ts';
import { settingsInput, shownSettings } from '../catalog/provider-settings.ts';
import { capability } from '../chat/chat.ts';
import { moment } from '../moment.ts';
import { resourceId } from '../resource-id.ts';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';
import { failureKind, providerKind } from '../usage.ts';
import { listOf } from './paging.ts';

/** The catalog as admins manage it: providers, their models and the prices. */

/** Lower numbers are tried first. */
const priority = z
  .int()
  .min(0)
  .max(1_000_000)
  .describe('The order of failover. Lower numbers are tried first.');

const weight = z
  .int()
  .min(0)
  .max(WEIGHT_MAX)
  .describe(
    'The share of the requests where the models of the name are chosen by weight. 0 is tried only after all others.',
  );

const text = (max: number) => z.string().trim().min(1).max(max).refine(isStorable, STORABLE_RULE);

const providerName = text(100);
export const modelName = text(200);
/** Null for the official endpoint of the kind. */
const base_url = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .nullable()
  .meta({ examples: ['https://llm.example.com/v1'] });

/** A provider's key in a request. It is encrypted and never returned. */
const api_key = z
  .string()
  .trim()
  .min(1)
  .max(1_000)
  .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters, without spaces')
  .describe("The provider's API key: visible ASCII characters without spaces.");

/** A provider as an admin sees it, without its key. */
export const provider = z
  .object({
    id: resourceId.describe('The id of the provider.'),
    name: z.string().describe('The display name.'),
    kind: providerKind.describe("The provider's protocol. `openai` covers every compatible server."),
    base_url: z
      .string()
      .nullable()
      .describe("The provider's base URL. Null for the official endpoint of its kind."),
    priority,
    enabled: z.boolean().describe('Disabled entries are never called.'),
    key: z
      .enum(['own', 'platform'])
      .describe(
        "The key used for calls: `own`: a key saved for this provider; `platform`: the platform's key, from the Worker's secrets.",
      ),
    settings: shownSettings.describe('The settings for calls of this provider.'),
    model_count: z.int().min(0).describe('The number of models this provider serves.'),
    created_at: z.iso.datetime().describe('The time it was created.'),
    updated_at: z.iso.datetime().describe('The time of the last change.'),
  })
  .meta({ id: 'Provider' });
export type Provider = z.infer<typeof provider>;

const test_model = modelName
  .optional()
  .describe(
    "The provider's name of a model to test with one short prompt, streamed and with a tool. Without it, the test lists the provider's models, which costs nothing but is not supported by every compatible server.",
  );

/** Creates a provider. The key is tested before it is saved. Only the platform's own providers can do without one. */
export const createProviderRequest = z
  .strictObject({
    name: providerName.describe('The display name.'),
    kind: providerKind.describe("The provider's protocol. `openai` covers every compatible server."),
    base_url: base_url
      .default(null)
      .describe('An https URL of a public host. Null for the official endpoint of the kind.'),
    api_key: api_key
      .nullable()
      .default(null)
      .describe(
        "The provider's API key. It is encrypted and never returned. Required, except for the platform's own providers.",
      ),
    priority: priority.default(100).describe('The order of failover. Lower numbers are tried first.'),
    enabled: z.boolean().default(true).describe('Disabled entries are never called.'),
    settings: settingsInput
      .optional()
      .describe('The settings for calls of this provider. Missing ones have their default.'),
    test_model,
  })
  .meta({ id: 'CreateProviderRequest' });
export type CreateProviderRequest = z.infer<typeof createProviderRequest>;

const isChange = (patch: object) => Object.values(patch).some((value) => value !== undefined);

/** Changes of a provider. Missing fields stay as they are. A new base URL requires the key again. */
export const providerPatch = z
  .strictObject({
    name: providerName.optional().describe('The display name.'),
    base_url: base_url
      .optional()
      .describe(
        'An https URL of a public host, or null for the official endpoint of the kind. If you change it, send `api_key` again.',
      ),
    api_key: api_key.optional().describe('A new API key. It is encrypted and never returned.'),
    priority: priority.optional().describe('The order of failover. Lower numbers are tried first.'),
    enabled: z.boolean().optional().describe('Disabled entries are never called.'),
    settings: settingsInput
      .optional()
      .describe(
        'Changes of how this provider is called. Missing settings stay as they are. With another base URL, send the values of `extra_headers` again.',
      ),
    test_model,
  })
  .refine(({ test_model: _, ...patch }) => isChange(patch), 'Send at least one field')
  .meta({ id: 'UpdateProviderRequest' });
export type ProviderPatch = z.infer<typeof providerPatch>;

/** Tests a provider. Nothing is saved. */
export const testProviderRequest = z
  .strictObject({
    kind: providerKind.describe("The provider's protocol. `openai` covers every compatible server."),
    base_url: base_url
      .default(null)
      .describe('An https URL of a public host. Null for the official endpoint of the kind.'),
    api_key,
    settings: settingsInput.optional().describe('The settings for the call of the test.'),
    test_model,
  })
  .meta({ id: 'TestProviderRequest' });
export type TestProviderRequest = z.infer<typeof testProviderRequest>;

/** The findings of a prompt: a short stream with a tool. */
const promptFindings = z
  .object({
    first_piece_ms: z.int().min(0).describe('The time to the first piece of the answer, in milliseconds.'),
    streams: z.boolean().describe('True if the answer was streamed, false if it came in one piece.'),
    reports_usage: z.boolean().describe('True if the usage was reported. Otherwise it is estimated.'),
    tools: z
      .enum(['called', 'not_called', 'refused'])
      .describe(
        'The tool of the prompt: `called`; `not_called`: taken, but not called; `refused`: the server takes no tools.',
      ),
    quirks: z
      .array(z.string())
      .describe('The parameters that the server refused and is asked without, in words. Empty for none.'),
  })
  .meta({ id: 'ProviderFindings' });
export type PromptFindings = z.infer<typeof promptFindings>;

/** The result of a test: success, with the models if they were listed, or the failure. */
export const providerTest = z
  .discriminatedUnion('ok', [
    z.object({
      ok: z.literal(true).describe('The test passed.'),
      latency_ms: z.int().min(0).describe('The latency, in milliseconds.'),
      models: z
        .array(z.string())
        .nullable()
        .describe("The provider's models. Null if the test was a prompt."),
      findings: promptFindings
        .nullable()
        .describe('The findings of a prompt. Null if the models were listed.'),
    }),
    z.object({
      ok: z.literal(false).describe('The test failed.'),
      latency_ms: z.int().min(0).describe('The latency, in milliseconds.'),
      failure: z
        .object({
          kind: failureKind,
          status: z.int().nullable().describe('The HTTP status. Null if no response arrived.'),
          message: z.string().describe("An explanation, with the provider's own message."),
        })
        .describe('The reason for the failure.'),
    }),
  ])
  .meta({ id: 'ProviderTest' });
export type ProviderTest = z.infer<typeof providerTest>;

/** Sets the order of failover. */
export const orderRequest = z
  .strictObject({
    ids: z
      .array(resourceId)
      .min(1)
      .max(500)
      .refine((ids) => new Set(ids).size === ids.length, 'must name each once')
      .describe('Ids in the order in which they are tried.'),
  })
  .meta({ id: 'OrderRequest' });

/** One version of a model's price. Versions never change, so every charge can be explained later. */
export const modelPrice = z
  .object({
    version: z.int().min(1).describe('The version number on this list, from 1.'),
    list: priceList.describe("The price list: the tenant's or the platform's."),
    effective_from: z.iso.datetime().describe('The time from which the price applies.'),
    wallet_tokens_per_1000: rates.describe('Wallet tokens per 1,000 provider tokens, by usage class.'),
    micro_usd_per_million: rates
      .nullable()
      .describe(
        "The provider's price in micro-USD per million tokens, by usage class. Null on a tenant's list for a platform model: the platform's list has it.",
      ),
    created_at: z.iso.datetime().describe('The time this version was created.'),
  })
  .meta({ id: 'ModelPrice' });
export type ModelPrice = z.infer<typeof modelPrice>;

/** The current price: the users' rates from the tenant's list, else the platform's, and the provider's price from the list of the model's owner. */
export const effectivePrice = modelPrice
  .extend({
    micro_usd_per_million: rates.describe(
      "The provider's price in micro-USD per million tokens, by usage class.",
    ),
    cost_version: z.int().min(1).describe("The version that has the provider's price."),
  })
  .meta({ id: 'EffectivePrice' });
export type EffectivePrice = z.infer<typeof effectivePrice>;

/** Rates as a request sends them: without unknown fields. */
export const sentRates = rates.strict().meta({ id: 'RatesInput' });

/** Adds a version of a price, from now or from a later time. */
export const createPriceRequest = z
  .strictObject({
    wallet_tokens_per_1000: sentRates.describe('Wallet tokens per 1,000 provider tokens, by usage class.'),
    micro_usd_per_million: sentRates
      .optional()
      .describe(
        "The provider's price in micro-USD per million tokens, by usage class. Required for your own models. Not accepted for platform models.",
      ),
    effective_from: moment
      .refine((time) => Date.parse(time) > Date.now(), 'must not be in the past; leave it out for now')
      .nullable()
      .default(null)
      .describe('The time from which the price applies. Null for now.'),
  })
  .meta({ id: 'CreateModelPriceRequest' });
export type CreatePriceRequest = z.infer<typeof createPriceRequest>;

/** Capabilities of the provider that the model lacks are false. Missing ones count as true. */
const capabilities = z
  .partialRecord(
    capability,
    z.boolean().describe('False if the model does not support it. Defaults to true.'),
  )
  .describe(
    'Set a capability to false if the provider supports it and this model does not. Missing capabilities count as true.',
  )
  .meta({ id: 'ModelCapabilities' });

const TOKEN_LIMIT_MAX = 1_000_000_000;
const tokenLimit = z.int().min(1).max(TOKEN_LIMIT_MAX);
const outputFits = (model: {
  context_window_tokens?: number | undefined;
  max_output_tokens?: number | undefined;
}) =>
  model.max_output_tokens === undefined ||
  model.context_window_tokens === undefined ||
  model.max_output_tokens <= model.context_window_tokens;
const OUTPUT_RULE = { path: ['max_output_tokens'], message: 'must not exceed context_window_tokens' };

const kind_text =
  'The kind of model, which decides the endpoint that takes it: `chat`: chat completions, messages and responses; `embedding`: embeddings; `image`: images; `speech`: speech; `transcription`: transcriptions; `moderation`: moderations.';
const context_text =
  'The context window, in tokens: prompt and answer together. For an embedding model, the longest text.';
const output_text =
  'The largest answer, in tokens; of an image model, the largest image; of a speech model, the longest audio. 0 for kinds whose answers have no tokens.';

/** A new list price of a model, which its cost does not have yet. */
const listPriceChange = z
  .object({
    changed_at: z.iso.datetime().describe('The time from which the new list price applies.'),
    before: rates.describe(
      'The list price that was last accepted or declined, in micro-USD per million tokens, by usage class.',
    ),
    after: rates.describe('The new list price, in micro-USD per million tokens, by usage class.'),
  })
  .meta({ id: 'ListPriceChange' });
export type ListPriceChange = z.infer<typeof listPriceChange>;

/** A provider's model under a public name. Models that share a name are tried in the order of priority. */
export const adminModel = z
  .object({
    id: resourceId.describe('The id of the model.'),
    owner: z
      .enum(['tenant', 'platform'])
      .describe("The owner. Tenants can price the platform's models but change only their own."),
    provider: z
      .object({
        id: resourceId.describe('The id of the provider.'),
        name: z.string().describe('The display name.'),
        kind: providerKind.describe("The provider's protocol. `openai` covers every compatible server."),
      })
      .nullable()
      .describe(
        'The provider that serves the model. Null for platform models, whose provider is not shown to tenants.',
      ),
    kind: modelKind.describe(kind_text),
    public_name: z.string().describe('The name users ask for. Several models can share it.'),
    provider_model: z.string().describe("The provider's name of the model."),
    context_window_tokens: z.int().describe(context_text),
    max_output_tokens: z.int().describe(output_text),
    capabilities,
    priority,
    weight,
    enabled: z.boolean().describe('Disabled entries are never called.'),
    price: effectivePrice
      .nullable()
      .describe(
        'The current price. Null if the model has no price yet. A model without a price cannot be used.',
      ),
    list_price_change: listPriceChange
      .nullable()
      .describe(
        "A change of the provider's list price that nobody has accepted or declined yet. Null if there is none, and for models that were added by hand.",
      ),
    created_at: z.iso.datetime().describe('The time it was created.'),
    updated_at: z.iso.datetime().describe('The time of the last change.'),
  })
  .meta({ id: 'CatalogModel' });
export type AdminModel = z.infer<typeof adminModel>;
export const adminModels = listOf(adminModel);

/** Creates a model. It cannot be used until it has a price. */
export const createModelRequest = z
  .strictObject({
    provider_id: resourceId.describe('The id of the provider that serves the model.'),
    kind: modelKind.default('chat').describe(kind_text),
    public_name: modelName.describe('The name users ask for. Several models can share it.'),
    provider_model: modelName.describe("The provider's name of the model."),
    context_window_tokens: tokenLimit.describe(context_text),
    max_output_tokens: z.int().min(0).max(TOKEN_LIMIT_MAX).default(0).describe(output_text),
    capabilities: capabilities
      .default({})
      .describe('Set a capability to false if the provider supports it and this model does not.'),
    priority: priority
      .default(0)
      .describe('The order of failover among models of one name. Lower numbers are tried first.'),
    weight: weight.default(1),
    enabled: z.boolean().default(true).describe('Disabled entries are never called.'),
  })
  .refine(outputFits, OUTPUT_RULE)
  .refine(({ kind, max_output_tokens }) => !modelKinds[kind].has_output || max_output_tokens > 0, {
    path: ['max_output_tokens'],
    message: 'must be at least 1 for this kind of model',
  })
  .meta({ id: 'CreateCatalogModelRequest' });
export type CreateModelRequest = z.infer<typeof createModelRequest>;

/** Changes of a model. Missing fields stay as they are. */
export const modelPatch = z
  .strictObject({
    public_name: modelName.optional().describe('The name users ask for. Several models can share it.'),
    provider_model: modelName.optional().describe("The provider's name of the model."),
    context_window_tokens: tokenLimit.optional().describe(context_text),
    max_output_tokens: tokenLimit
      .optional()
      .describe('The largest answer, in tokens. Ignored for kinds whose answers have no tokens.'),
    capabilities: capabilities
      .optional()
      .describe(
        'Set a capability to false if the provider supports it and this model does not. Missing capabilities count as true.',
      ),
    priority: priority
      .optional()
      .describe('The order of failover among models of one name. Lower numbers are tried first.'),
    weight: weight.optional(),
    enabled: z.boolean().optional().describe('Disabled entries are never called.'),
  })
  .refine(isChange, 'Send at least one field')
  .refine(outputFits, OUTPUT_RULE)
  .meta({ id: 'UpdateCatalogModelRequest' });
export type ModelPatch = z.infer<typeof modelPatch>;
