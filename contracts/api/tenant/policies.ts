import { z } from 'zod';
import { nullableFields } from '../../fields.ts';
import { resourceId } from '../../resource-id.ts';
import { walletPolicy } from '../../wallet/wallet-policy.ts';
import { role, user, userStatus } from '../account/auth.ts';
import { wallet } from '../wallet.ts';

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

/** The one who turned self-made changes off in a tenant: its admins, or the platform. */
export const selfMadeChangesOffBy = z.enum(['tenant', 'platform']).meta({ id: 'SelfMadeChangesOffBy' });
export type SelfMadeChangesOffBy = z.infer<typeof selfMadeChangesOffBy>;

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
    self_made_changes_off_by: selfMadeChangesOffBy
      .nullable()
      .describe(
        "The one who turned changes of one's own wallet and policy off, if the user is you. Null if you can make them.",
      ),
  })
  .meta({ id: 'UserDetail' });
export type UserDetail = z.infer<typeof userDetail>;

/** Changes of a user. Missing fields stay as they are. */
export const userPatch = z
  .strictObject({
    status: userStatus
      .optional()
      .describe('The new status: `active`: restores access; `disabled`: removes access at once.'),
    level_id: resourceId.optional().describe("The id of the user's new level, from `GET /api/levels`."),
    role: role
      .optional()
      .describe(
        'The new role: `user`: uses the tenant; `admin`: manages the tenant; `superadmin`: manages the platform, given by superadmins to users of the platform.',
      ),
    allocation_awaits: z
      .null()
      .optional()
      .describe('Null gives the user their allocation now, whatever it waited for.'),
  })
  .refine(
    (patch) => Object.values(patch).some((value) => value !== undefined),
    'Send status, level_id, role or allocation_awaits',
  )
  .meta({ id: 'UpdateUserRequest' });
export type UserPatch = z.infer<typeof userPatch>;
