import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  foreignKey,
  index,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import {
  both,
  either,
  isActing,
  isAdmin,
  isOwnUser,
  isService,
  isSuperadmin,
  mayDelete,
  mayInsert,
  mayRead,
  mayUpdate,
  ofTenant,
  ownOrAdministered,
} from './access.ts';
import { bytea, createdAt, safeIntegers } from './columns.ts';
import { users } from './users.ts';

type OwnedRow = { tenant_id: Parameters<typeof ofTenant>[0]; user_id: Parameters<typeof isOwnUser>[0] };

/** Rows of the user who acts, and of the tenant for its service, which signs people in. */
const byTheirUser = (t: OwnedRow) =>
  both(ofTenant(t.tenant_id), either(both(isOwnUser(t.user_id), sql`not (${isActing})`), isService));
/** The same, and those that the caller administers. */
const byThemOrAdmins = (t: OwnedRow) =>
  either(both(ofTenant(t.tenant_id), either(isOwnUser(t.user_id), isService, isAdmin)), isSuperadmin);

/**
 * Second factors: at most one authenticator app for each user, and passkeys. The secret of an app is encrypted for its tenant and user
 * (runtime/key-ring.ts).
 */
export const userFactors = pgTable(
  'user_factors',
  {
    tenant_id: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    user_id: uuid('user_id').notNull(),
    kind: text('kind', { enum: ['totp', 'passkey'] }).notNull(),
    name: text('name').notNull(),
    /** The encrypted secret of an app. */
    secret_ciphertext: text('secret_ciphertext'),
    /** The id that the authenticator gave the passkey, in base64url. */
    credential_id: text('credential_id'),
    /** The public key of the passkey (COSE), in base64url. */
    public_key: text('public_key'),
    /** The number of uses that the authenticator tells; 0 for those that do not count. */
    sign_count: bigint('sign_count', { mode: 'number' }).notNull().default(0),
    transports: text('transports').array(),
    /** The hostname that the passkey was made for. It works at no other. */
    hostname: text('hostname'),
    /**
     * The newest proof that was used up, which only rises: of an app the last 30 seconds of which a code was accepted, of a passkey the time in
     * milliseconds of the last challenge that it answered.
     */
    used_up_to: bigint('used_up_to', { mode: 'number' }).notNull().default(0),
    created_at: createdAt(),
    last_used_at: timestamp('last_used_at', { withTimezone: true, mode: 'string' }),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    index('user_factors_by_user').on(t.tenant_id, t.user_id),
    uniqueIndex('user_factors_one_app_per_user').on(t.tenant_id, t.user_id).where(sql`kind = 'totp'`),
    unique('user_factors_credential_once_per_tenant').on(t.tenant_id, t.credential_id),
    check('user_factors_kind_is_known', sql`${t.kind} in ('totp', 'passkey')`),
    check('user_factors_app_has_a_secret', sql`(${t.kind} = 'totp') = (${t.secret_ciphertext} is not null)`),
    check(
      'user_factors_passkey_has_a_key',
      sql`(${t.kind} = 'passkey') = (${t.credential_id} is not null and ${t.public_key} is not null and ${t.hostname} is not null)`,
    ),
    check(
      'user_factors_are_short',
      sql`length(${t.name}) between 1 and 60 and length(${t.credential_id}) <= 1400 and length(${t.public_key}) <= 4096 and cardinality(${t.transports}) <= 10`,
    ),
    safeIntegers('user_factors_counts_are_safe', t.sign_count, t.used_up_to),
    mayRead(
      'Users see their factors, admins those of their tenant',
      ownOrAdministered(t.tenant_id, t.user_id),
    ),
    mayInsert('Users add factors, and the service for those who sign in', byTheirUser(t)),
    mayUpdate('Users rename their factors, and the service uses them', byTheirUser(t)),
    mayDelete('Users remove their factors, admins those of their tenant', byThemOrAdmins(t)),
  ],
);

/** Single-use codes for those who lost their second factor. The Worker's role cannot read the hashes: `app.use_recovery_code` compares them. */
export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    tenant_id: uuid('tenant_id').notNull(),
    id: uuid('id').notNull().defaultRandom(),
    user_id: uuid('user_id').notNull(),
    code_hash: bytea('code_hash').notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    unique('recovery_codes_once_per_user').on(t.tenant_id, t.user_id, t.code_hash),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    mayRead(
      'Users count their codes, admins those of their tenant',
      ownOrAdministered(t.tenant_id, t.user_id),
    ),
    mayInsert('Users get codes, and the service for those who sign in', byTheirUser(t)),
    mayDelete('Users replace their codes, admins remove those of their tenant', byThemOrAdmins(t)),
  ],
);
