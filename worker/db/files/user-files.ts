import { and, asc, desc, eq, gt, inArray, lt, sql } from 'drizzle-orm';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import {
  type FilePurpose,
  type StoredFile,
  USER_BYTES_MAX,
  USER_FILES_MAX,
} from '../../../contracts/v1/files.ts';
import { attemptQuery, type Database } from '../client.ts';
import { type EnterRefusal, type Principal, runAsService, runAsUser } from '../context.ts';
import { userFiles as files } from '../schema/files.ts';

/** Rows of uploaded files. Each is read, made and deleted as its user, by RLS; only what has expired is deleted by the service. */

export type NewFile = Pick<StoredFile, 'id' | 'filename' | 'media_type' | 'bytes' | 'purpose'> & {
  lifetime_s: number;
};

const columns = {
  id: files.id,
  filename: files.filename,
  media_type: files.media_type,
  bytes: files.bytes,
  purpose: files.purpose,
  created_at_ms: sql<number>`(extract(epoch from ${files.created_at}) * 1000)::float8`,
  expires_at_ms: sql<number>`(extract(epoch from ${files.expires_at}) * 1000)::float8`,
};

const wholeMs = (file: StoredFile): StoredFile => ({
  ...file,
  created_at_ms: Math.floor(file.created_at_ms),
  expires_at_ms: Math.floor(file.expires_at_ms),
});

const isLive = sql`${files.expires_at} > now()`;

/** The caller's files that have not expired. */
const isOwn = ({ tenantId, userId }: Principal) =>
  and(eq(files.tenant_id, tenantId), eq(files.user_id, userId), isLive);

/** Selects the number and the bytes of the caller's files. For a batch. */
const selectHeld = (database: Database, principal: Principal) =>
  database
    .select({
      files: sql<number>`count(*)::int`,
      bytes: sql<number>`coalesce(sum(${files.bytes}), 0)::float8`,
    })
    .from(files)
    .where(isOwn(principal));

/** The use of a user's limits. */
export type HeldFiles = { files: number; bytes: number };

/**
 * Records an uploaded file, unless the user has as many files or bytes as they may have: `too_many_files`, with what they have. Uploads of
 * one user wait for each other here, so that no number of parallel ones exceeds the limits.
 */
export async function insertFile(
  database: Database,
  principal: Principal,
  { lifetime_s, ...file }: NewFile,
): Promise<Result<StoredFile, { code: EnterRefusal } | { code: 'too_many_files'; held: HeldFiles }>> {
  const { tenantId, userId } = principal;
  const answer = await runAsUser(database, principal, [
    database.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`user_files/${tenantId}/${userId}`}, 0))`,
    ),
    database.execute(sql`insert into user_files (tenant_id, user_id, id, filename, media_type, bytes, purpose, expires_at)
      select ${tenantId}::uuid, ${userId}::uuid, ${file.id}::uuid, ${file.filename}::text, ${file.media_type}::text,
        ${file.bytes}::bigint, ${file.purpose}::text, now() + make_interval(secs => ${lifetime_s}::integer)
      from (select count(*) as files, coalesce(sum(${files.bytes}), 0) as bytes from ${files} where ${isOwn(principal)}) held
      where held.files < ${USER_FILES_MAX}::integer and held.bytes + ${file.bytes}::bigint <= ${USER_BYTES_MAX}::bigint`),
    database
      .select(columns)
      .from(files)
      .where(and(eq(files.tenant_id, tenantId), eq(files.id, file.id))),
    selectHeld(database, principal),
  ]);
  if (!answer.ok) return answer;
  const [, , [row], [held = { files: 0, bytes: 0 }]] = answer.value;
  return row === undefined ? fail({ code: 'too_many_files', held }) : ok(wholeMs(row));
}

/** Returns the caller's files among some ids. */
export async function findFiles(
  database: Database,
  principal: Principal,
  ids: readonly string[],
): Promise<Result<StoredFile[], { code: EnterRefusal }>> {
  const answer = await runAsUser(database, principal, [
    database
      .select(columns)
      .from(files)
      .where(and(isOwn(principal), inArray(files.id, [...ids]))),
  ]);
  return answer.ok ? ok(answer.value[0].map(wholeMs)) : answer;
}

/** A page of files: those after or before an id, in an order by time. */
export type FilePlace = {
  limit: number;
  order: 'asc' | 'desc';
  after?: string | null;
  purpose?: FilePurpose | undefined;
};

/** Lists the caller's files. `has_more` tells that others follow. */
export async function listFiles(
  database: Database,
  principal: Principal,
  { limit, order, after = null, purpose }: FilePlace,
): Promise<Result<{ files: StoredFile[]; has_more: boolean }, { code: EnterRefusal }>> {
  const follows = order === 'asc' ? gt : lt;
  const answer = await runAsUser(database, principal, [
    database
      .select(columns)
      .from(files)
      .where(
        and(
          isOwn(principal),
          after === null ? undefined : follows(files.id, after),
          purpose === undefined ? undefined : eq(files.purpose, purpose),
        ),
      )
      .orderBy(order === 'asc' ? asc(files.id) : desc(files.id))
      .limit(limit + 1),
  ]);
  if (!answer.ok) return answer;
  const rows = answer.value[0].map(wholeMs);
  return ok({ files: rows.slice(0, limit), has_more: rows.length > limit });
}

/** Deletes the row of one of the caller's files. `not_found` if they have no such file. */
export async function deleteFile(
  database: Database,
  principal: Principal,
  id: string,
): Promise<Result<null, { code: EnterRefusal | 'not_found' }>> {
  const answer = await runAsUser(database, principal, [
    database
      .delete(files)
      .where(and(isOwn(principal), eq(files.id, id)))
      .returning({ id: files.id }),
  ]);
  if (!answer.ok) return answer;
  return answer.value[0].length > 0 ? ok(null) : fail({ code: 'not_found' });
}

/** Deletes all rows of the caller's files. For the batch that closes their account. */
export const deleteAllOwnFiles = (
  database: Database,
  { tenantId, userId }: { tenantId: string; userId: string },
) => database.delete(files).where(and(eq(files.tenant_id, tenantId), eq(files.user_id, userId)));

/** Returns tenants of which files have expired, 1,000 at most. */
export async function listTenantsWithExpiredFiles(database: Database): Promise<string[]> {
  const answer = await attemptQuery(() =>
    database.execute<{ tenant_id: string }>(
      sql`select tenant_id from app.tenants_with_expired_files() as t(tenant_id)`,
    ),
  );
  return answer.ok ? answer.value.rows.map(({ tenant_id }) => tenant_id) : [];
}

/** Deletes up to `rowsMax` rows of a tenant's expired files, and returns what names their objects. */
export async function deleteExpiredFiles(
  database: Database,
  tenantId: string,
  rowsMax: number,
): Promise<{ id: string; user_id: string }[]> {
  const expired = and(eq(files.tenant_id, tenantId), sql`${files.expires_at} <= now()`);
  const answer = await runAsService(database, tenantId, [
    database
      .delete(files)
      .where(
        and(
          expired,
          inArray(files.id, database.select({ id: files.id }).from(files).where(expired).limit(rowsMax)),
        ),
      )
      .returning({ id: files.id, user_id: files.user_id }),
  ]);
  return answer.ok ? answer.value[0] : [];
}
