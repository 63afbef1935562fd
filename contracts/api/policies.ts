import { z } from 'zod';
import { nullableFields } from '../fields.ts';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';
import { walletPolicy } from '../wallet-policy.ts';
import { user, userStatus } from './auth.ts';
import { wallet } from './wallet.ts';

/** Deadlines of reservations: shorter than an attempt needs, none could be settled; longer, a lost one would block for hours. */
const RESERVATION_LIFETIME_MIN_MS = 10_000;

const thresholds = walletPolicy.shape.warning_thresholds_percent.refine(
  (percents) => percents.every((percent, index) => index === 0 || percent > (percents[index - 1] ?? 0)),
  'must ascend, each percent once',
);

/** The whole token policy of a level. */
export const tokenPolicy = z.strictObject({
  ...walletPolicy.omit({ version: true }).shape,
  warning_thresholds_percent: thresholds,
  reservation_lifetime_ms: walletPolicy.shape.reservation_lifetime_ms.min(RESERVATION_LIFETIME_MIN_MS),
});
export type TokenPolicy = z.infer<typeof tokenPolicy>;

/** The policy of one user, laid over the level's field by field. Every field is required; null inherits it from the level. */
export const tokenPolicyOverride = z.strictObject(
  nullableFields(tokenPolicy, "Null inherits the level's value"),
);
export type TokenPolicyOverride = z.infer<typeof tokenPolicyOverride>;

/** A tier of the tenant, and what its users get. */
export const level = z.object({
  id: z.uuid().describe('The level'),
  slug: z
    .string()
    .describe('Its short name')
    .meta({ examples: ['pro'] }),
  name: z.string().describe('What it is called'),
  is_default: z.boolean().describe('Whether new accounts get it'),
  allowed_models: z
    .array(z.string())
    .nullable()
    .describe('Public model names its users may call; null is all of them'),
  policy: tokenPolicy.describe('What its users get'),
  user_count: z.int().min(0).describe('How many users are on it'),
  policy_changed_at: z.iso.datetime().describe('When the policy last changed'),
});
export type Level = z.infer<typeof level>;

/** What an administrator changes of a level itself; its policy is set as a whole. */
export const levelPatch = z.strictObject({
  allowed_models: z
    .array(z.string().trim().min(1).max(200).refine(isStorable, STORABLE_RULE))
    .max(500)
    .refine((names) => new Set(names).size === names.length, 'must name each model once')
    .nullable()
    .describe('Public model names its users may call; null is all of them'),
});
export type LevelPatch = z.infer<typeof levelPatch>;

/** How far a changed policy has come: wallets that obey it already, and those still being told. */
export const policyRollout = z.object({
  told: z.int().min(0).describe('Wallets that obey it already'),
  on_the_way: z.int().min(0).describe('Wallets that are still being told'),
});

/** A changed level, and how far the change has come. */
export const levelPolicyResponse = z.object({
  level: level.describe('The level, changed'),
  rollout: policyRollout.describe('How far the change has come'),
});

/** One user as an administrator sees them: the exact wallet, and where its policy comes from. */
export const userDetail = z.object({
  user: user.describe('The user'),
  level_policy: tokenPolicy.describe('The policy of their level'),
  override: tokenPolicyOverride.describe('What this user has instead, field by field'),
  effective_policy: tokenPolicy.describe(
    'The override laid over the level’s policy: what the wallet lives by',
  ),
  wallet: wallet.nullable().describe('The wallet at this moment; null while it cannot be reached'),
});
export type UserDetail = z.infer<typeof userDetail>;

/** What an administrator changes of a user; what is absent stays. */
export const userPatch = z
  .strictObject({
    status: userStatus
      .optional()
      .describe('`active`: gives every right back; `disabled`: takes every right away at once'),
    level_id: z.uuid().optional().describe('The level to put them on, as `GET /api/levels` lists it'),
  })
  .refine(
    ({ status, level_id }) => status !== undefined || level_id !== undefined,
    'Send status, level_id or both',
  );
export type UserPatch = z.infer<typeof userPatch>;
