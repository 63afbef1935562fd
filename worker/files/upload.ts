import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import { fail, ok, type Result } from '../../contracts/result.ts';
import {
  FILE_BYTES_MAX,
  FILE_LIFETIME_S,
  type StoredFile,
  type UploadFields,
  uploadFields,
} from '../../contracts/v1/files.ts';
import type { EnterRefusal, Principal } from '../db/context.ts';
import { type HeldFiles, insertFile } from '../db/files/user-files.ts';
import { attemptObjects } from '../objects/attempt.ts';
import { objectKey } from '../objects/object-keys.ts';
import { ObjectWriter } from '../objects/object-writer.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { fileNameOf } from './file-name.ts';
import { type FormEvent, FormReader } from './form-reader.ts';
import { HEAD_BYTES, mediaTypeOf } from './media-type.ts';

/** The most bytes of a field that is no file. */
const FIELD_BYTES_MAX = 1_024;

type FieldRefusal = { code: 'invalid_request'; field: string; rule: string; message: string };
export type UploadRefusal =
  | { code: EnterRefusal }
  | FieldRefusal
  | { code: 'invalid_fields'; error: z.core.$ZodError }
  | { code: 'body_too_large'; limit_bytes: number }
  | { code: 'too_many_files'; held: HeldFiles };

const refused = (field: string, rule: string, message: string): FieldRefusal => ({
  ...{ code: 'invalid_request' as const, field, rule, message },
});

/** Returns the key of the object that has the bytes of a file. Pure. */
export const fileKey = ({ tenantId, userId }: { tenantId: string; userId: string }, id: string): string =>
  objectKey('files', { tenant_id: tenantId, owner: userId, name: id });

/** Takes the events of a form: writes the file to the bucket as it arrives, and holds the other fields. */
class Upload {
  readonly #writer: ObjectWriter;
  readonly #fields = new Map<string, Buffer>();
  #part: { name: string; isFile: boolean } | null = null;
  #filename: string | null = null;
  #head = Buffer.alloc(0);
  #bytes = 0;

  constructor(writer: ObjectWriter) {
    this.#writer = writer;
  }

  /** Takes one event. Returns the reason to stop, or null. */
  async take(event: FormEvent): Promise<UploadRefusal | null> {
    if (event.type === 'malformed') return refused('form', 'malformed', event.message);
    if (event.type === 'part') return this.#begin(event);
    return event.type === 'bytes' ? this.#add(event.bytes) : null;
  }

  /** Returns the file and its fields after the end of the form, or the refusal of a form without them. */
  taken(): Result<
    { filename: string; media_type: string; bytes: number; fields: UploadFields },
    UploadRefusal
  > {
    if (this.#filename === null) return fail(refused('file', 'required', 'Required, with a file name'));
    if (this.#bytes === 0) return fail(refused('file', 'too_small', 'The file is empty'));
    const texts = [...this.#fields].map(([name, bytes]) => [name, bytes.toString('utf8')]);
    const fields = uploadFields.safeParse(Object.fromEntries(texts));
    if (!fields.success) return fail({ code: 'invalid_fields', error: fields.error });
    const filename = fileNameOf(this.#filename);
    const media_type = mediaTypeOf(this.#head, filename);
    return ok({ filename, media_type, bytes: this.#bytes, fields: fields.data });
  }

  #begin({ name, filename }: Extract<FormEvent, { type: 'part' }>): UploadRefusal | null {
    const isFile = name === 'file' && filename !== null;
    if (isFile ? this.#filename !== null : this.#fields.has(name))
      return refused(name.slice(0, 60), 'repeated', 'Sent more than once');
    this.#part = { name, isFile };
    if (isFile) this.#filename = filename;
    else this.#fields.set(name, Buffer.alloc(0));
    return null;
  }

  async #add(bytes: Uint8Array): Promise<UploadRefusal | null> {
    const { name, isFile } = this.#part ?? { name: 'form', isFile: false };
    if (!isFile) {
      const value = Buffer.concat([this.#fields.get(name) ?? Buffer.alloc(0), bytes]);
      this.#fields.set(name, value);
      const isShort = value.length <= FIELD_BYTES_MAX;
      return isShort ? null : refused(name.slice(0, 60), 'too_big', `At most ${FIELD_BYTES_MAX} bytes`);
    }
    this.#bytes += bytes.length;
    if (this.#bytes > FILE_BYTES_MAX) return { code: 'body_too_large', limit_bytes: FILE_BYTES_MAX };
    if (this.#head.length < HEAD_BYTES)
      this.#head = Buffer.concat([this.#head, bytes.subarray(0, HEAD_BYTES - this.#head.length)]);
    await this.#writer.write(bytes);
    return null;
  }
}

/** Yields a body until its end, or until its client leaves, which makes the form end early. */
async function* untilCut(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for await (const bytes of body) yield bytes;
  } catch {
    return;
  }
}

/** Reads a form to its end, into an upload. Returns the reason to stop before it, or null. */
async function readForm(
  body: ReadableStream<Uint8Array>,
  reader: FormReader,
  upload: Upload,
): Promise<UploadRefusal | null> {
  const takeAll = async (events: readonly FormEvent[]) => {
    for (const event of events) {
      const refusal = await upload.take(event);
      if (refusal !== null) return refusal;
    }
    return null;
  };
  for await (const bytes of untilCut(body)) {
    const refusal = await takeAll(reader.push(bytes));
    if (refusal !== null) return refusal;
  }
  return takeAll(reader.finish());
}

/** Returns the seconds for which a file is kept. */
const lifetimeOf = (fields: UploadFields): number =>
  fields['expires_after[seconds]'] ?? fields.expires_in_seconds ?? FILE_LIFETIME_S;

/**
 * Stores the file of a form for the caller: its bytes first, then its row, by which alone it can be read. One upload is at most a row, and
 * an object in one call up to 5 MiB or in parts above. A refused one leaves nothing; one whose row fails leaves an object that nobody can
 * read, until the bucket's lifecycle rule deletes it.
 */
export async function uploadFile(
  deps: Pick<Dependencies, 'database' | 'objects' | 'log' | 'waitUntil'>,
  principal: Principal,
  { body, boundary }: { body: ReadableStream<Uint8Array>; boundary: string },
): Promise<Result<StoredFile, UploadRefusal>> {
  const id = uuidv7();
  const key = fileKey(principal, id);
  const writer = new ObjectWriter(deps.objects, key);
  const drop = (work: Promise<unknown>) =>
    deps.waitUntil(work.catch((error) => deps.log.warn('upload_not_dropped', { file_id: id, error })));
  const upload = new Upload(writer);
  let isStored = false;
  try {
    const stopped = await readForm(body, new FormReader(boundary), upload);
    if (stopped !== null) return fail(stopped);
    const taken = upload.taken();
    if (!taken.ok) return taken;
    await writer.finish();
    isStored = true;
    const { fields, ...file } = taken.value;
    const purpose = fields.purpose ?? 'user_data';
    const inserted = await insertFile(deps.database, principal, {
      ...{ id, ...file, purpose, lifetime_s: lifetimeOf(fields) },
    });
    if (!inserted.ok) drop(attemptObjects(() => deps.objects.delete(key)));
    return inserted;
  } finally {
    if (!isStored) drop(writer.abort());
  }
}
