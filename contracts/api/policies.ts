import { z } from 'zod';
import { nullableFields } from '../fields.ts';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';
import { walletPolicy } from '../wallet-policy.ts';
import { user, userStatus } from './auth.ts';
import { wallet } from './wallet.ts';

/** The shortest deadline of a reservation: an attempt needs this long to be settled. */
const RESERVATION_LIFETIME_MIN_MS = 10_000;

const thresholds = walletPolicy.shape.warning_thresholds_percent.refine(
  (percents) => percents.every((percent, index) => index === 0 || percent > (percents[index - 1] ?? 0)),
  'must ascend, each percent once',
);

/** The whole token policy of a level. */
export const tokenPolicy = z
  .strictObject({
    ...walletPolicy.omit({ version: true }).shape,
    warning_thresholds_percent: thresholds,
    reservation_lifetime_ms: walletPolicy.shape.reservation_lifetime_ms.min(RESERVATION_LIFETIME_MIN_MS),
  })
  .meta({ id: 'TokenPolicy' });
export type TokenPolicy = z.infer<typeof tokenPolicy>;

/** One user's own policy, field by field. Every field is required; null uses the level's value. */
export const tokenPolicyOverride = z
  .strictObject(nullableFields(tokenPolicy, "Null to use the level's value."))
  .meta({ id: 'TokenPolicyOverride' });
export type TokenPolicyOverride = z.infer<typeof tokenPolicyOverride>;

/** A tier of the tenant with its token policy. */
export const level = z
  .object({
    id: z.uuid().describe('The id of the level.'),
    slug: z
      .string()
      .describe('The short name, for URLs and scripts.')
      .meta({ examples: ['pro'] }),
    name: z.string().describe('The display name.'),
    is_default: z.boolean().describe('True if new accounts get this level.'),
    allowed_models: z
      .array(z.string())
      .nullable()
      .describe('Public names of the models its users may call. Null for all models.'),
    policy: tokenPolicy.describe("The token policy of the level's users."),
    user_count: z.int().min(0).describe('The number of users on this level.'),
    policy_changed_at: z.iso.datetime().describe("The time of the policy's last change."),
  })
  .meta({ id: 'Level' });
export type Level = z.infer<typeof level>;

/** Changes of a level. Its policy is set separately, as a whole. */
export const levelPatch = z
  .strictObject({
    allowed_models: z
      .array(z.string().trim().min(1).max(200).refine(isStorable, STORABLE_RULE))
      .max(500)
      .refine((names) => new Set(names).size === names.length, 'must name each model once')
      .nullable()
      .describe('Public names of the models its users may call. Null for all models.'),
  })
  .meta({ id: 'UpdateLevelRequest' });
export type LevelPatch = z.infer<typeof levelPatch>;

/** The progress of a policy change. */
export const policyRollout = z
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

/** A user as an admin sees them, with the wallet at this moment and the sources of its policy. */
export const userDetail = z
  .object({
    user: user.describe('The id of the user.'),
    level_policy: tokenPolicy.describe("The policy of the user's level."),
    override: tokenPolicyOverride.describe("The user's own values. Null fields use the level's."),
    effective_policy: tokenPolicy.describe(
      "The policy in force: the level's, with the user's own values on top.",
    ),
    wallet: wallet.nullable().describe('The wallet at this moment. Null if it cannot be reached.'),
  })
  .meta({ id: 'UserDetail' });
export type UserDetail = z.infer<typeof userDetail>;

/** Changes of a user. Missing fields stay as they are. */
export const userPatch = z
  .strictObject({
    status: userStatus
      .optional()
      .describe('The new status: `active`: restores access; `disabled`: removes access at once.'),
    level_id: z.uuid().optional().describe("The id of the user's new level, from `GET /api/levels`."),
  })
  .refine(
    ({ status, level_id }) => status !== undefined || level_id !== undefined,
    'Send status, level_id or both',
  )
  .meta({ id: 'UpdateUserRequest' });
export type UserPatch = z.infer<typeof userPatch>;
