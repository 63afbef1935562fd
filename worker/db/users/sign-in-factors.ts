import { and, eq, sql } from 'drizzle-orm';
import type { User } from '../../../contracts/api/account/auth.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { Database } from '../client.ts';
import { runAsService } from '../context.ts';
import { recoveryCodes, userFactors } from '../schema/factors.ts';
import { levels } from '../schema/tenancy.ts';
import { users } from '../schema/users.ts';
import {
  codesOf,
  type FactorRow,
  factorsOf,
  hasFactor,
  insertCodes,
  insertionOf,
  isRequiredOf,
  type NewFactor,
  passkeysAmong,
  recordedChange,
  type StoredPasskey,
} from './factors.ts';
import { isUser, levelOfUser, presentUser, signedOutAtS, userColumns } from './user-rows.ts';

/** Second factors while somebody signs in, before there is a session: read and used by the service. */

/** The facts that decide how a sign-in goes on. */
export type SignInFactors = {
  user: User;
  signed_out_at_s: number | null;
  /** The tenant requires a second factor of the user. */
  required: boolean;
  app: { id: string; secret_ciphertext: string } | null;
  passkeys: StoredPasskey[];
  recovery_codes_left: number;
};

/** Returns a user with their second factors, or null. */
export async function getSignInFactors(
  database: Database,
  tenantId: string,
  userId: string,
): Promise<SignInFactors | null> {
  const answer = await runAsService(database, tenantId, [
    database
      .select({ user: userColumns, signed_out_at_s: signedOutAtS })
      .from(users)
      .innerJoin(levels, levelOfUser)
      .where(isUser(tenantId, userId)),
    database.select().from(userFactors).where(factorsOf(tenantId, userId)),
    database.execute<{
      required: boolean;
      codes: number;
    }>(sql`select ${isRequiredOf(tenantId, userId)} as required,
      (select count(*)::int from ${recoveryCodes} where ${codesOf(tenantId, userId)}) as codes`),
  ]);
  if (!answer.ok) return null;
  const [[row], factors, { rows }] = answer.value;
  if (row === undefined) return null;
  const app = factors.find(({ kind }) => kind === 'totp');
  return {
    user: presentUser(row.user),
    signed_out_at_s: row.signed_out_at_s,
    required: rows[0]?.required ?? false,
    app: app?.secret_ciphertext == null ? null : { id: app.id, secret_ciphertext: app.secret_ciphertext },
    passkeys: passkeysAmong(factors),
    recovery_codes_left: rows[0]?.codes ?? 0,
  };
}

/** Returns the user of a passkey in a tenant, or null. */
export async function findPasskeyOwner(
  database: Database,
  tenantId: string,
  credentialId: string,
): Promise<string | null> {
  const answer = await runAsService(database, tenantId, [
    database
      .select({ user_id: userFactors.user_id })
      .from(userFactors)
      .where(and(eq(userFactors.tenant_id, tenantId), eq(userFactors.credential_id, credentialId))),
  ]);
  return answer.ok ? (answer.value[0][0]?.user_id ?? null) : null;
}

/**
 * Uses a factor up to a step or a time. Of several requests with one code or challenge, one succeeds: returns false if it was used up
 * before.
 */
export async function spendFactor(
  database: Database,
  tenantId: string,
  { id, used_up_to, sign_count }: { id: string; used_up_to: number; sign_count?: number },
): Promise<boolean> {
  const answer = await runAsService(database, tenantId, [
    database
      .update(userFactors)
      .set({ used_up_to, last_used_at: sql`now()`, ...(sign_count === undefined ? {} : { sign_count }) })
      .where(
        and(
          eq(userFactors.tenant_id, tenantId),
          eq(userFactors.id, id),
          sql`${userFactors.used_up_to} < ${used_up_to}`,
        ),
      )
      .returning({ id: userFactors.id }),
  ]);
  return answer.ok && answer.value[0].length > 0;
}

/** Uses a recovery code, by its hash in hex, and records it. Returns false if the user has no such code. */
export async function spendRecoveryCode(
  database: Database,
  tenantId: string,
  userId: string,
  hash: string,
  requestId: string,
): Promise<boolean> {
  const answer = await runAsService(database, tenantId, [
    recordedChange<{ details: object }>(database, {
      ...{ action: 'user.recovery_code_used', actorId: userId, userId, requestId },
      change: sql`select '{}'::jsonb as details from app.use_recovery_code(${userId}::uuid, decode(${hash}, 'hex')) as used where used`,
    }),
  ]);
  return answer.ok && answer.value[0].rows.length > 0;
}

/**
 * Adds the first factor of a user who signs in, with recovery codes. `ticket_invalid` if they have one by now: whoever knows the password
 * alone must not add another.
 */
export async function addFirstFactor(
  database: Database,
  tenantId: string,
  userId: string,
  factor: NewFactor,
  hashes: readonly string[],
  requestId: string,
): Promise<Result<null, { code: 'ticket_invalid' }>> {
  const owner = [tenantId, userId] as const;
  const answer = await runAsService(
    database,
    tenantId,
    [
      // One set-up of a user at a time.
      database.execute(sql`select pg_advisory_xact_lock(hashtextextended(${userId}, 0))`),
      database.delete(recoveryCodes).where(and(codesOf(...owner), sql`not ${hasFactor(...owner)}`)),
      recordedChange<FactorRow>(database, {
        ...{ action: 'user.factor_added', actorId: userId, userId, requestId },
        change: insertionOf(owner, factor, 0),
      }),
      insertCodes(
        database,
        owner,
        hashes,
        sql`not exists (select from ${recoveryCodes} where ${codesOf(...owner)})`,
      ),
    ],
    { '23505': 'ticket_invalid' as const },
  );
  if (!answer.ok) return answer;
  return answer.value[2].rows.length === 0 ? fail({ code: 'ticket_invalid' }) : ok(null);
}
