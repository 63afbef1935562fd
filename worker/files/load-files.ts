import { fail, ok, type Result } from '../../contracts/result.ts';
import { uuidOfFile } from '../../contracts/v1/file-id.ts';
import type { FileReference, LoadedFile } from '../../contracts/v1/file-references.ts';
import type { StoredFile } from '../../contracts/v1/files.ts';
import type { EnterRefusal, Principal } from '../db/context.ts';
import { findFiles } from '../db/files/user-files.ts';
import { attemptObjects } from '../objects/attempt.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { kindOf } from './media-type.ts';
import { fileKey } from './upload.ts';

/** Files in prompts: a request names them by their ids, and they are put in before it is translated, as if it had sent them. */

/** The most different files of one request. Each is a call of the bucket. */
const FILES_MAX = 50;

type FieldRefusal = { code: 'invalid_request'; field: string; rule: string; message: string };
type Loaded = Result<ReadonlyMap<string, LoadedFile>, FieldRefusal | { code: EnterRefusal }>;

const names = {
  ...{ pdf: 'a PDF', image: 'an image', audio: 'a recording', text: 'a text' },
  other: 'a file of another type',
} as const;

const listed = (kinds: FileReference['kinds']): string => kinds.map((kind) => names[kind]).join(', ');

/** Bytes of a file as base64. */
const base64Bytes = (bytes: number): number => Math.ceil(bytes / 3) * 4;

const refused = ({ field }: FileReference, rule: string, message: string): FieldRefusal => ({
  ...{ code: 'invalid_request' as const, field, rule, message },
});

const noFile = (reference: FileReference): FieldRefusal =>
  refused(reference, 'not_found', 'You have no such file, or it has expired');

/** The bytes that a request can have with its files, and those of its body. */
export type RequestRoom = { limit_bytes: number; body_bytes: number };

/**
 * Returns the first reference that cannot be put in, or null. Each mention of a file counts with its size: a request is as large as if it
 * had sent its files.
 */
function refusalOf(
  references: readonly FileReference[],
  files: ReadonlyMap<string, StoredFile>,
  { limit_bytes, body_bytes }: RequestRoom,
): FieldRefusal | null {
  let bytes = body_bytes;
  for (const reference of references) {
    const { kinds, file_id } = reference;
    const file = files.get(file_id);
    if (file === undefined) return noFile(reference);
    const kind = kindOf(file.media_type);
    if (!kinds.some((taken) => taken === kind))
      return refused(reference, 'unsupported', `The file is ${names[kind]}. Possible here: ${listed(kinds)}`);
    bytes += base64Bytes(file.bytes);
    if (bytes > limit_bytes)
      return refused(
        reference,
        'too_big',
        `The body and its files in base64 can have ${limit_bytes} bytes together`,
      );
  }
  return null;
}

/** Decodes a text; null if it is not UTF-8 to its end. */
function textOf(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return null;
  }
}

/** Reads the bytes of a file. */
async function loadFile(
  objects: R2Bucket,
  principal: Principal,
  { id, filename, media_type }: StoredFile,
): Promise<LoadedFile | 'missing' | 'no_text'> {
  const object = await attemptObjects(() => objects.get(fileKey(principal, id)));
  if (object === null) return 'missing';
  const bytes = Buffer.from(await attemptObjects(() => object.arrayBuffer()));
  const kind = kindOf(media_type);
  if (kind !== 'text' && kind !== 'other')
    return { kind, filename, media_type, data: bytes.toString('base64') };
  const text = textOf(bytes);
  return text === null ? 'no_text' : { kind: 'text', filename, text };
}

/**
 * Loads the files that a request names, by their ids: one query for all, and one call of the bucket for each. A refusal names the field.
 */
export async function loadFiles(
  { database, objects }: Pick<Dependencies, 'database' | 'objects'>,
  principal: Principal,
  references: readonly FileReference[],
  room: RequestRoom,
): Promise<Loaded> {
  const firsts = new Map(references.map((reference) => [reference.file_id, reference] as const).reverse());
  const [first] = references;
  if (first !== undefined && firsts.size > FILES_MAX)
    return fail(refused(first, 'too_many', `At most ${FILES_MAX} files in a request`));
  const ids = [...firsts.keys()].flatMap((file_id) => uuidOfFile(file_id) ?? []);
  const found = await findFiles(database, principal, [...new Set(ids)]);
  if (!found.ok) return found;
  const rows = new Map(found.value.map((file) => [file.id, file]));
  const files = new Map(
    [...firsts.keys()].flatMap((file_id) => {
      const row = rows.get(uuidOfFile(file_id) ?? '');
      return row === undefined ? [] : [[file_id, row] as const];
    }),
  );
  const refusal = refusalOf(references, files, room);
  if (refusal !== null) return fail(refusal);
  const loaded = await Promise.all(
    [...files].map(async ([file_id, row]) => [file_id, await loadFile(objects, principal, row)] as const),
  );
  const usable = new Map<string, LoadedFile>();
  for (const [file_id, file] of loaded) {
    const reference = firsts.get(file_id);
    if (reference === undefined) continue;
    if (file === 'missing') return fail(noFile(reference));
    if (file === 'no_text') return fail(refused(reference, 'unsupported', 'The file is not a text in UTF-8'));
    usable.set(file_id, file);
  }
  return ok(usable);
}
