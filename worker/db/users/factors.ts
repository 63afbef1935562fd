import { and, asc, eq, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Factor, FactorList } from '../../../contracts/api/account/factors.ts';
import type { Database } from '../client.ts';
import { recoveryCodes, userFactors } from '../schema/factors.ts';
import { tenants } from '../schema/tenancy.ts';
import { auditLog, users } from '../schema/users.ts';
import { isoTime, isUser } from './user-rows.ts';

/** Rows of second factors and recovery codes. */

/** A passkey as its proofs are checked. `public_key` is in base64url. */
export type StoredPasskey = {
  id: string;
  credential_id: string;
  public_key: string;
  sign_count: number;
  hostname: string;
};

/** A factor to add. The secret of an app is encrypted. */
export type NewFactor = { id: string; name: string } & (
  | { kind: 'totp'; secret_ciphertext: string; used_up_to: number }
  | ({ kind: 'passkey'; transports: string[] } & Omit<StoredPasskey, 'id'>)
);

/** The columns of a factor that its user sees. */
export const factorColumns = {
  id: userFactors.id,
  kind: userFactors.kind,
  name: userFactors.name,
  hostname: userFactors.hostname,
  created_at: userFactors.created_at,
  last_used_at: userFactors.last_used_at,
};
export type FactorRow = Omit<Factor, 'created_at' | 'last_used_at'> & {
  created_at: string;
  last_used_at: string | null;
};

/** Converts a row of {@link factorColumns}. */
export const presentFactor = ({ created_at, last_used_at, ...row }: FactorRow): Factor => ({
  ...row,
  created_at: isoTime(created_at),
  last_used_at: last_used_at === null ? null : isoTime(last_used_at),
});

/** The factors of one user. */
export const factorsOf = (tenantId: string, userId: string) =>
  and(eq(userFactors.tenant_id, tenantId), eq(userFactors.user_id, userId));
/** The recovery codes of one user. */
export const codesOf = (tenantId: string, userId: string) =>
  and(eq(recoveryCodes.tenant_id, tenantId), eq(recoveryCodes.user_id, userId));

/** The tenant requires a second factor of the user. */
export const needsSecondFactor = sql<boolean>`(${tenants.require_mfa} = 'everyone'
  or (${tenants.require_mfa} = 'admins' and ${users.role} in ('admin', 'superadmin')))`;

/** The tenant requires a second factor of this user. */
export const isRequiredOf = (tenantId: string, userId: string): SQL =>
  sql`(select ${needsSecondFactor} from ${users} join ${tenants} on ${tenants.id} = ${users.tenant_id}
    where ${isUser(tenantId, userId)})`;

/** Selects what the list of a user's factors is made of. */
export const selectFactors = (database: Database, tenantId: string, userId: string) =>
  [
    database
      .select(factorColumns)
      .from(userFactors)
      .where(factorsOf(tenantId, userId))
      .orderBy(asc(userFactors.id)),
    database.execute<{
      required: boolean;
      codes: number;
    }>(sql`select ${isRequiredOf(tenantId, userId)} as required,
      (select count(*)::int from ${recoveryCodes} where ${codesOf(tenantId, userId)}) as codes`),
  ] as const;

/** Converts the answers of {@link selectFactors}. */
export const presentFactors = (
  factors: FactorRow[],
  { rows: [row] }: { rows: { required: boolean | null; codes: number }[] },
): FactorList => ({
  factors: factors.map(presentFactor),
  recovery_codes_left: row?.codes ?? 0,
  required: row?.required ?? false,
});

/** Keeps the rows that are passkeys. The database holds them to have these columns. */
export const passkeysAmong = <Row extends { [Column in keyof StoredPasskey]: StoredPasskey[Column] | null }>(
  rows: Row[],
): StoredPasskey[] => rows.filter((row): row is Row & StoredPasskey => row.credential_id !== null);

/** The hashes as rows of a column `hash`. */
const hashRows = (hashes: readonly string[]) =>
  sql`(select decode(value, 'hex') as hash from jsonb_array_elements_text(${JSON.stringify(hashes)}::jsonb))`;

/** Inserts recovery codes of a user, by their hashes in hex, where a condition is met. */
export const insertCodes = (
  database: Database,
  [tenantId, userId]: readonly [string, string],
  hashes: readonly string[],
  condition: SQL,
) =>
  database.execute<{ user_id: string }>(sql`insert into ${recoveryCodes} (tenant_id, user_id, code_hash)
    select ${tenantId}::uuid, ${userId}::uuid, hash from ${hashRows(hashes)} hashes where ${condition} returning user_id`);

/** The user has a second factor. */
export const hasFactor = (tenantId: string, userId: string): SQL =>
  sql`exists (select from ${userFactors} where ${factorsOf(tenantId, userId)})`;

/**
 * Makes a change of the factors of a user and records it, in one statement: no change, no entry. `change` is a statement that returns
 * `details`; its rows are the result.
 */
export const recordedChange = <Row extends Record<string, unknown>>(
  database: Database,
  {
    change,
    action,
    actorId,
    userId,
    requestId,
  }: {
    change: SQL;
    action: string;
    actorId: string;
    userId: string;
    requestId: string;
  },
) =>
  database.execute<Row>(sql`with changed as (${change}), recorded as (
      insert into ${auditLog} (tenant_id, id, actor_user_id, actor_role, action, target_type, target_id, request_id, details)
      select app.tenant_id(), ${uuidv7()}::uuid, ${actorId}::uuid, app.actor_role(), ${action}::text, 'user', ${userId}::text,
        ${requestId}::text, details from changed limit 1
    ) select * from changed`);

/** A statement that inserts a factor if the user has `othersMax` or fewer. */
export function insertionOf(
  [tenant_id, user_id]: readonly [string, string],
  factor: NewFactor,
  othersMax: number,
): SQL {
  const row = { tenant_id, user_id, ...factor };
  const columns = sql.join(
    Object.keys(row).map((column) => sql.identifier(column)),
    sql`, `,
  );
  return sql`insert into ${userFactors} (${columns})
    select ${columns} from jsonb_populate_record(null::${userFactors}, ${JSON.stringify(row)}::jsonb)
    where (select count(*) from ${userFactors} where ${factorsOf(tenant_id, user_id)}) <= ${othersMax}
    returning id, kind, name, hostname, created_at::text, last_used_at::text,
      jsonb_build_object('kind', kind, 'name', name) as details`;
}
