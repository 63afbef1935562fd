import { z } from 'zod';

/** The choice among the models that share a public name, and the record of it. */

export const routingStrategies = ['priority', 'weighted', 'least_latency'] as const;

export const routingStrategy = z.enum(routingStrategies).meta({
  id: 'RoutingStrategy',
  description:
    'The order in which the models of one name are tried: `priority`: by their priority; `weighted`: at random, by their weights; `least_latency`: the one that was last the fastest to begin.',
});
export type RoutingStrategy = z.infer<typeof routingStrategy>;

/** The largest weight of a model. */
export const WEIGHT_MAX = 1_000;

/** The most further models that a request may name. */
export const FALLBACK_MODELS_MAX = 3;

/** A name of a model in a request: a public name or an alias. */
export const askedModel = z.string().min(1).max(200);

/** The further models of a request, in the order in which they are tried. */
export const fallbackModels = z
  .array(askedModel)
  .max(FALLBACK_MODELS_MAX)
  .describe(
    'Further models, tried in this order when the providers of `model` fail or refuse the request. The dearest of all is held; you pay for the one that answers.',
  );

/** The record of a choice. Missing fields: the names that were asked for are public names, by priority. */
export const routing = z
  .object({
    asked_models: z
      .array(askedModel)
      .min(1)
      .max(FALLBACK_MODELS_MAX + 1)
      .describe('The names of models in the request, in their order.'),
    strategy: routingStrategy.describe('The strategy of the first model.'),
    kept: z
      .boolean()
      .describe('True if the provider that answered the last turn of the conversation was tried first.'),
  })
  .meta({ id: 'Routing' });
export type Routing = z.infer<typeof routing>;
