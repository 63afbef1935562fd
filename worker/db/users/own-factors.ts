import { and, eq, sql } from 'drizzle-orm';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { Factor, FactorList } from '../../../contracts/api/account/factors.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { recoveryCodes, userFactors } from '../schema/factors.ts';
import { users } from '../schema/users.ts';
import {
  codesOf,
  type FactorRow,
  factorColumns,
  factorsOf,
  hasFactor,
  insertCodes,
  insertionOf,
  isRequiredOf,
  type NewFactor,
  passkeysAmong,
  presentFactor,
  presentFactors,
  recordedChange,
  type StoredPasskey,
  selectFactors,
} from './factors.ts';
import { isUser } from './user-rows.ts';

/** Reads and changes that users make of their own second factors. */

/** Returns the factors of a user whom the caller may see. */
export async function listFactorsOf(
  database: Database,
  claims: SessionClaims,
  { tenant_id, id }: { tenant_id: string; id: string },
): Promise<Result<FactorList, { code: EnterRefusal }>> {
  const [factors, rest] = selectFactors(database, tenant_id, id);
  const answer = await runAsUser(database, claims, [factors, rest]);
  return answer.ok ? ok(presentFactors(...answer.value)) : answer;
}

/** A user who makes a passkey: their names, and the passkeys that they have. */
export type PasskeyMaker = { email: string; name: string | null; passkeys: StoredPasskey[] };

/** Returns the caller as they make a passkey. */
export async function getPasskeyMaker(
  database: Database,
  claims: SessionClaims,
): Promise<Result<PasskeyMaker, { code: EnterRefusal }>> {
  const { tenantId, userId } = claims;
  const answer = await runAsUser(database, claims, [
    database.select({ email: users.email, name: users.name }).from(users).where(isUser(tenantId, userId)),
    database.select().from(userFactors).where(factorsOf(tenantId, userId)),
  ]);
  if (!answer.ok) return answer;
  const [[user], factors] = answer.value;
  return user === undefined
    ? fail({ code: 'unauthenticated' })
    : ok({ ...user, passkeys: passkeysAmong(factors) });
}

/** A user can have twenty passkeys beside an app. */
const OTHERS_MAX = 20;

const changeOf = ({ userId }: SessionClaims, action: string, requestId: string) => ({
  ...{ action, actorId: userId, userId, requestId },
});

/** Adds a factor of the caller, and recovery codes, by their hashes, if the caller has none. */
export async function addOwnFactor(
  database: Database,
  claims: SessionClaims,
  factor: NewFactor,
  hashes: readonly string[],
  requestId: string,
): Promise<
  Result<
    { factor: Factor; has_new_codes: boolean },
    { code: EnterRefusal | 'factor_exists' | 'too_many_factors' }
  >
> {
  const owner = [claims.tenantId, claims.userId] as const;
  const answer = await runAsUser(
    database,
    claims,
    [
      recordedChange<FactorRow>(database, {
        ...changeOf(claims, 'user.factor_added', requestId),
        change: insertionOf(owner, factor, OTHERS_MAX),
      }),
      insertCodes(
        database,
        owner,
        hashes,
        sql`not exists (select from ${recoveryCodes} where ${codesOf(...owner)}) and ${hasFactor(...owner)}`,
      ),
    ],
    { '23505': 'factor_exists' as const },
  );
  if (!answer.ok) return answer;
  const [added, codes] = answer.value;
  const [row] = added.rows;
  if (row === undefined) return fail({ code: 'too_many_factors' });
  const { id, kind, name, hostname, created_at, last_used_at } = row;
  return ok({
    factor: presentFactor({ id, kind, name, hostname, created_at, last_used_at }),
    has_new_codes: codes.rows.length > 0,
  });
}

/** Renames a factor of the caller. */
export async function renameOwnFactor(
  database: Database,
  claims: SessionClaims,
  id: string,
  name: string,
): Promise<Result<Factor, { code: EnterRefusal | 'not_found' }>> {
  const answer = await runAsUser(database, claims, [
    database
      .update(userFactors)
      .set({ name })
      .where(and(factorsOf(claims.tenantId, claims.userId), eq(userFactors.id, id)))
      .returning(factorColumns),
  ]);
  if (!answer.ok) return answer;
  const [row] = answer.value[0];
  return row === undefined ? fail({ code: 'not_found' }) : ok(presentFactor(row));
}

/**
 * Removes a factor of the caller, and with the last one the recovery codes. `last_factor` if the tenant requires one. One removal at a
 * time, so that two of them cannot each count on the other's factor.
 */
export async function removeOwnFactor(
  database: Database,
  claims: SessionClaims,
  id: string,
  requestId: string,
): Promise<Result<Pick<Factor, 'kind'>, { code: EnterRefusal | 'not_found' | 'last_factor' }>> {
  const owner = [claims.tenantId, claims.userId] as const;
  const isIt = and(factorsOf(...owner), eq(userFactors.id, id));
  const answer = await runAsUser(database, claims, [
    database.execute(sql`select from ${userFactors} where ${factorsOf(...owner)} order by id for update`),
    database.select({ id: userFactors.id }).from(userFactors).where(isIt),
    recordedChange<Pick<Factor, 'kind'>>(database, {
      ...changeOf(claims, 'user.factor_removed', requestId),
      change: sql`delete from ${userFactors} where ${isIt} and (not ${isRequiredOf(...owner)}
          or exists (select from user_factors other where other.tenant_id = ${owner[0]} and other.user_id = ${owner[1]} and other.id <> ${id}))
        returning kind, jsonb_build_object('kind', kind, 'name', name) as details`,
    }),
    database.delete(recoveryCodes).where(and(codesOf(...owner), sql`not ${hasFactor(...owner)}`)),
  ]);
  if (!answer.ok) return answer;
  const [, found, removed] = answer.value;
  if (found.length === 0) return fail({ code: 'not_found' });
  const [row] = removed.rows;
  return row === undefined ? fail({ code: 'last_factor' }) : ok({ kind: row.kind });
}

/** Replaces the recovery codes of the caller. `second_factor_missing` if there is nothing that they would replace. */
export async function replaceOwnCodes(
  database: Database,
  claims: SessionClaims,
  hashes: readonly string[],
  requestId: string,
): Promise<Result<null, { code: EnterRefusal | 'second_factor_missing' }>> {
  const owner = [claims.tenantId, claims.userId] as const;
  const answer = await runAsUser(database, claims, [
    database.delete(recoveryCodes).where(codesOf(...owner)),
    insertCodes(database, owner, hashes, hasFactor(...owner)),
    recordedChange<{ details: object }>(database, {
      ...changeOf(claims, 'user.recovery_codes_made', requestId),
      change: sql`select '{}'::jsonb as details where ${hasFactor(...owner)}`,
    }),
  ]);
  if (!answer.ok) return answer;
  return answer.value[2].rows.length === 0 ? fail({ code: 'second_factor_missing' }) : ok(null);
}
