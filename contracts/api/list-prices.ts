import { z } from 'zod';
import { modelKind } from '../catalog/model-kinds.ts';
import { rates } from '../catalog/price.ts';
import { capability } from '../chat/chat.ts';
import { modelName, sentRates } from './catalog.ts';

/** Models of the platform's catalog file, as admins add them to a provider, and changes of their list prices. */

/** The most models that one request adds. */
const MODELS_MAX = 100;
const MARKUP_MAX = 1_000_000;

/** A model of the platform's catalog file that a provider serves. */
export const listedModel = z
  .object({
    provider_model: z.string().describe("The provider's name of the model."),
    public_names: z
      .array(z.string())
      .describe('The names that the catalog proposes. The first is the default.'),
    kind: modelKind.describe('The kind of model, which decides the endpoint that takes it.'),
    context_window_tokens: z.int().describe('The context window, in tokens.'),
    max_output_tokens: z
      .int()
      .describe('The largest answer, in tokens. 0 for kinds whose answers have no tokens.'),
    capabilities: z
      .partialRecord(capability, z.boolean().describe('False if the model does not support it.'))
      .describe('The capabilities that the provider supports and this model does not, as false.'),
    micro_usd_per_million: rates.describe(
      "The provider's current list price in micro-USD per million tokens, by usage class.",
    ),
    source: z.string().describe('The page of the provider that states limits and prices.'),
    as_of: z.string().describe('The month in which the page was read, as YYYY-MM.'),
    added_as: z.array(z.string()).describe('The public names under which the provider serves it already.'),
  })
  .meta({ id: 'ListedModel' });
export type ListedModel = z.infer<typeof listedModel>;

const pricing = {
  markup_basis_points: z
    .int()
    .min(-10_000)
    .max(MARKUP_MAX)
    .optional()
    .describe(
      "What users pay above the list price, in hundredths of a percent. 2500 is 25%. Converted to wallet tokens with the tenant's `wallet_tokens_per_usd`. Send this or `wallet_tokens_per_1000`.",
    ),
  wallet_tokens_per_1000: sentRates
    .optional()
    .describe('The price for users in wallet tokens per 1,000 provider tokens, by usage class.'),
};

const modelToAdd = z
  .strictObject({
    provider_model: modelName.describe("The provider's name of the model, as in the list."),
    public_name: modelName
      .optional()
      .describe('The name users ask for. Defaults to the first name that the catalog proposes.'),
    ...pricing,
  })
  .refine(
    ({ markup_basis_points, wallet_tokens_per_1000 }) =>
      (markup_basis_points === undefined) !== (wallet_tokens_per_1000 === undefined),
    { path: ['markup_basis_points'], message: 'Send this or wallet_tokens_per_1000, and not both' },
  )
  .meta({ id: 'ListedModelToAdd' });

/** Adds models of the catalog file to a provider: all of them, or none. */
export const addListedModelsRequest = z
  .strictObject({
    models: z.array(modelToAdd).min(1).max(MODELS_MAX).describe('The models to add, with their prices.'),
  })
  .meta({ id: 'AddListedModelsRequest' });
export type AddListedModelsRequest = z.infer<typeof addListedModelsRequest>;

/** The answer to a change of a list price. */
export const listPriceRequest = z
  .strictObject({
    decision: z
      .enum(['accept', 'keep'])
      .describe(
        '`accept`: the new list price becomes the cost of the model, in a new version of its price; `keep`: the cost stays as it is. Either way the change is not shown again.',
      ),
    wallet_tokens_per_1000: sentRates
      .optional()
      .describe('With `accept`: a new price for users. Without it, users pay what they paid before.'),
  })
  .refine(
    ({ decision, wallet_tokens_per_1000 }) => decision === 'accept' || wallet_tokens_per_1000 === undefined,
    { path: ['wallet_tokens_per_1000'], message: 'Send it only to accept the list price' },
  )
  .meta({ id: 'ListPriceRequest' });
export type ListPriceRequest = z.infer<typeof listPriceRequest>;
