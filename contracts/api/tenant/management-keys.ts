import { z } from 'zod';
import { moment } from '../../moment.ts';
import { resourceId } from '../../resource-id.ts';
import { isStorable, STORABLE_RULE } from '../../storable-text.ts';
import { userSummary } from './users.ts';

/** The scopes of a management key. The database holds a key to them as well (migrations: app.has_scope). */
export const managementKeyScope = z
  .enum(['users:read', 'users:write', 'wallets:write', 'usage:read', 'webhooks:manage'])
  .meta({ id: 'ManagementKeyScope' });
export type ManagementKeyScope = z.infer<typeof managementKeyScope>;

const SCOPES_TEXT =
  'The scopes of the key, which cannot be changed later: `users:read`: read users and their balances; `users:write`: create users, and change their level and status; `wallets:write`: add tokens to wallets and adjust them; `usage:read`: read executions, ledgers and usage of all users; `webhooks:manage`: manage webhooks and read their events.';

const areDistinct = (texts: string[]) => new Set(texts).size === texts.length;

/** A key of a tenant for its own servers, as its admins see it. The secret is returned once. */
export const managementKey = z
  .object({
    id: resourceId.describe('The id of the key. Audit and ledger entries name it.'),
    name: z.string().describe('The display name.'),
    prefix: z.string().describe('The first characters of the secret, to tell keys apart.'),
    scopes: z.array(managementKeyScope).describe(SCOPES_TEXT),
    created_by: userSummary
      .nullable()
      .describe('The admin who created it. It belongs to the tenant, and works when they are gone.'),
    expires_at: z.iso.datetime().nullable().describe('The time the key expires. Null if it never does.'),
    revoked_at: z.iso.datetime().nullable().describe('The time the key was revoked. Null if it was not.'),
    previous_valid_until: z.iso
      .datetime()
      .nullable()
      .describe(
        'The time until which the secret before the last rotation still works. Null if there is no such secret.',
      ),
    last_used_at: z.iso
      .datetime()
      .nullable()
      .describe('The time of the last request with this key, to the minute. Null if it was never used.'),
    created_at: z.iso.datetime().describe('The time the key was created.'),
  })
  .meta({ id: 'ManagementKey' });
export type ManagementKey = z.infer<typeof managementKey>;

/** The key that acted, in an entry of the audit log. */
export const managementKeySummary = managementKey
  .pick({ id: true, name: true, prefix: true })
  .meta({ id: 'ManagementKeySummary' });

/** A new key. */
export const createManagementKeyRequest = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .refine(isStorable, STORABLE_RULE)
      .describe('The name of the key. Unique among the keys of the tenant.'),
    scopes: z
      .array(managementKeyScope)
      .min(1)
      .refine(areDistinct, 'must name each scope once')
      .describe(SCOPES_TEXT),
    expires_at: moment
      .refine((time) => Date.parse(time) > Date.now(), 'must be in the future')
      .nullable()
      .default(null)
      .describe('The time the key expires. Null if it never does.'),
  })
  .meta({ id: 'CreateManagementKeyRequest' });
export type CreateManagementKeyRequest = z.infer<typeof createManagementKeyRequest>;

/** The longest grace period of a previous secret, in seconds: 30 days. */
const GRACE_MAX_S = 2_592_000;

/** Rotates a secret. */
export const rotateManagementKeyRequest = z
  .strictObject({
    grace_s: z
      .int()
      .min(0)
      .max(GRACE_MAX_S)
      .default(86_400)
      .describe('Seconds for which the previous secret keeps working. Defaults to one day.'),
  })
  .meta({ id: 'RotateManagementKeyRequest' });

/** A key with its secret, which is returned once. */
export const managementKeyWithSecret = managementKey
  .extend({
    secret: z.string().describe('The secret. Send it as `Authorization: Bearer`. It is returned only once.'),
  })
  .meta({ id: 'ManagementKeyWithSecret' });
export type ManagementKeyWithSecret = z.infer<typeof managementKeyWithSecret>;
