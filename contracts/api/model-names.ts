import { z } from 'zod';
import { askedModel, routingStrategy } from '../catalog/model-routing.ts';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';

/** The settings of a public name: its aliases, and the choice among the models that share it. */

/** The most aliases of one name in a tenant. */
const ALIASES_MAX = 20;

const keeps_provider = z
  .boolean()
  .describe(
    'If true, a conversation goes on at the provider that answered its last turn, which may have it cached. Failover works as always.',
  );

export const publicModelName = z
  .object({
    name: z.string().describe('The public name.'),
    aliases: z.array(z.string()).describe('Further names, such as dated ids. Requests can use them all.'),
    platform_aliases: z
      .array(z.string())
      .describe(
        "The platform's aliases of this name. Your own models and aliases of the same name come first.",
      ),
    strategy: routingStrategy,
    keeps_provider,
  })
  .meta({ id: 'ModelName' });
export type PublicModelName = z.infer<typeof publicModelName>;

/** Sets the aliases and the routing of a public name. */
export const setModelNameRequest = z
  .strictObject({
    aliases: z
      .array(
        askedModel
          .trim()
          .min(1)
          .refine(isStorable, STORABLE_RULE)
          .describe('A name that is neither that of a model nor an alias of another one.'),
      )
      .max(ALIASES_MAX)
      .refine((names) => new Set(names).size === names.length, 'must name each once')
      .describe('All further names. Those that are left out are removed.'),
    strategy: routingStrategy,
    keeps_provider,
  })
  .meta({ id: 'SetModelNameRequest' });
export type SetModelNameRequest = z.infer<typeof setModelNameRequest>;
