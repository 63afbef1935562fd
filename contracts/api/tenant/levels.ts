import { z } from 'zod';
import { resourceId } from '../../resource-id.ts';
import { isStorable, STORABLE_RULE } from '../../storable-text.ts';
import { feature, featureFlags } from '../../tenants/level-features.ts';
import { tokenPolicy } from './policies.ts';

/** The most levels of a tenant, archived ones included. */
export const LEVELS_MAX = 100;

const OUTPUT_LIMIT_MAX_TOKENS = 10_000_000;

const slug = z
  .string()
  .max(40)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'lower-case letters, digits and hyphens, not at the ends')
  .describe('The short name, for URLs and scripts. Unique among the levels of the tenant.')
  .meta({ examples: ['pro'] });

const name = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .refine(isStorable, STORABLE_RULE)
  .describe('The display name. Unique among the levels of the tenant, whatever its case.')
  .meta({ examples: ['Pro'] });

const allowed_models = z
  .array(z.string().trim().min(1).max(200).refine(isStorable, STORABLE_RULE))
  .max(500)
  .refine((names) => new Set(names).size === names.length, 'must name each model once')
  .nullable()
  .describe('Public names of the models its users may call. Null for all models.');

const default_output_limit = z
  .int()
  .min(1)
  .max(OUTPUT_LIMIT_MAX_TOKENS)
  .nullable()
  .describe(
    "The output limit of requests that set none, in the model's tokens. Null uses the tenant's default.",
  );

const patchedFeatures = featureFlags
  .partial()
  .refine((flags) => Object.keys(flags).length > 0, 'must name at least one feature')
  .describe('The features to turn on or off. Those you leave out stay as they are.');

/** A tier of the tenant with its token policy. */
export const level = z
  .object({
    id: resourceId.describe('The id of the level.'),
    slug: z
      .string()
      .describe('The short name, for URLs and scripts.')
      .meta({ examples: ['pro'] }),
    name: z.string().describe('The display name.'),
    is_default: z.boolean().describe('True if new accounts get this level.'),
    archived_at: z.iso
      .datetime()
      .nullable()
      .describe('The time the level was archived. Nobody can be moved to it since. Null if it was not.'),
    allowed_models: z
      .array(z.string())
      .nullable()
      .describe('Public names of the models its users may call. Null for all models.'),
    features: featureFlags.describe('The features that its users have.'),
    default_output_limit,
    policy: tokenPolicy.describe("The token policy of the level's users."),
    user_count: z.int().min(0).describe('The number of users on this level.'),
    policy_changed_at: z.iso.datetime().describe("The time of the policy's last change."),
  })
  .meta({ id: 'Level' });
export type Level = z.infer<typeof level>;

/** A new level. */
export const createLevelRequest = z
  .strictObject({
    name,
    slug: slug.optional().describe('The short name. Made from the name if you leave it out.'),
    allowed_models: allowed_models.default(null),
    features: featureFlags
      .partial()
      .default({})
      .describe('The features its users have. Those you leave out are on.'),
    default_output_limit: default_output_limit.default(null),
    policy: tokenPolicy
      .optional()
      .describe("The token policy. That of the default level's users if left out."),
  })
  .meta({ id: 'CreateLevelRequest' });
export type CreateLevel = z.infer<typeof createLevelRequest>;

/** Changes of a level. Missing fields stay as they are. Its policy is set separately, as a whole. */
export const levelPatch = z
  .strictObject({
    name: name.optional(),
    slug: slug.optional(),
    allowed_models: allowed_models.optional(),
    features: patchedFeatures.optional(),
    default_output_limit: default_output_limit.optional(),
    is_default: z
      .literal(true)
      .optional()
      .describe('Makes this the level of new accounts, instead of the current default level.'),
    archived: z
      .boolean()
      .optional()
      .describe(
        'True archives the level: nobody can be moved to it, and its users stay on it. False restores it.',
      ),
  })
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'Send at least one change')
  .meta({ id: 'UpdateLevelRequest' });
export type LevelPatch = z.infer<typeof levelPatch>;

/** The order of the levels that are not archived. */
export const levelOrder = z
  .strictObject({
    ids: z
      .array(resourceId)
      .min(1)
      .max(LEVELS_MAX)
      .refine((ids) => new Set(ids).size === ids.length, 'must name each level once')
      .describe('The ids of all levels that are not archived, in their new order.'),
  })
  .meta({ id: 'OrderLevelsRequest' });

/** The progress of a policy change. */
const policyRollout = z
  .object({
    told: z.int().min(0).describe('The number of wallets that already follow the new policy.'),
    on_the_way: z.int().min(0).describe('The number of wallets that do not follow it yet.'),
  })
  .meta({ id: 'PolicyRollout' });

/** A changed level and the progress of the change. */
export const levelPolicyResponse = z
  .object({
    level: level.describe('The level after the change.'),
    rollout: policyRollout.describe('The progress of the change.'),
  })
  .meta({ id: 'LevelPolicyUpdate' });

/** A level as a feature names it. */
export const levelName = level.pick({ slug: true, name: true }).meta({ id: 'LevelName' });
export type LevelName = z.infer<typeof levelName>;

/** A feature, and where it can be had. */
export const offeredFeature = z
  .object({
    feature: feature.describe('The feature.'),
    is_in_your_level: z.boolean().describe('True if you have the feature.'),
    levels: z.array(levelName).describe('The levels that offer it, in their order.'),
  })
  .meta({ id: 'OfferedFeature' });
export type OfferedFeature = z.infer<typeof offeredFeature>;

/** Returns a slug for a name: its letters without accents and its digits, joined by hyphens. Pure. */
export const slugOf = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '') || 'level';
