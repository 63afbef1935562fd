import { fail, ok, type Result } from '../../contracts/result.ts';
import { uuidOfFile } from '../../contracts/v1/file-id.ts';
import type { StoredFile } from '../../contracts/v1/files.ts';
import type { EnterRefusal, Principal } from '../db/context.ts';
import { deleteFile, findFiles } from '../db/files/user-files.ts';
import { attemptObjects } from '../objects/attempt.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { fileKey } from './upload.ts';

type Refusal = { code: EnterRefusal | 'not_found' };

/** Returns the caller's files among some ids, as clients have them, the newest first. */
export async function getFiles(
  { database }: Pick<Dependencies, 'database'>,
  principal: Principal,
  file_ids: readonly string[],
): Promise<Result<StoredFile[], { code: EnterRefusal }>> {
  const found = await findFiles(
    database,
    principal,
    file_ids.flatMap((id) => uuidOfFile(id) ?? []),
  );
  return found.ok ? ok(found.value.toSorted((a, b) => (a.id < b.id ? 1 : -1))) : found;
}

/** Returns one of the caller's files by its id, as clients have it. */
export async function getFile(
  { database }: Pick<Dependencies, 'database'>,
  principal: Principal,
  file_id: string,
): Promise<Result<StoredFile, Refusal>> {
  const found = await getFiles({ database }, principal, [file_id]);
  if (!found.ok) return found;
  const [file] = found.value;
  return file === undefined ? fail({ code: 'not_found' }) : ok(file);
}

/** Returns one of the caller's files with its bytes. */
export async function openFile(
  deps: Pick<Dependencies, 'database' | 'objects'>,
  principal: Principal,
  file_id: string,
): Promise<Result<{ file: StoredFile; body: ReadableStream }, Refusal>> {
  const found = await getFile(deps, principal, file_id);
  if (!found.ok) return found;
  const object = await attemptObjects(() => deps.objects.get(fileKey(principal, found.value.id)));
  return object === null ? fail({ code: 'not_found' }) : ok({ file: found.value, body: object.body });
}

/** Deletes one of the caller's files: its row, after which nobody can read it, and then its bytes. */
export async function removeFile(
  { database, objects, log, waitUntil }: Pick<Dependencies, 'database' | 'objects' | 'log' | 'waitUntil'>,
  principal: Principal,
  file_id: string,
): Promise<Result<null, Refusal>> {
  const id = uuidOfFile(file_id);
  if (id === null) return fail({ code: 'not_found' });
  const deleted = await deleteFile(database, principal, id);
  if (!deleted.ok) return deleted;
  const removing = attemptObjects(() => objects.delete(fileKey(principal, id)));
  waitUntil(removing.catch((error) => log.warn('file_object_not_deleted', { file_id: id, error })));
  return ok(null);
}
