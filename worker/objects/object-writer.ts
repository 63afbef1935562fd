import { attemptObjects } from './attempt.ts';

/** Bytes of each part of a long object: the least that the bucket takes, and what is held of a file meanwhile. */
const PART_BYTES = 5_242_880;

/**
 * Writes an object of unknown length: one of up to 5 MiB in one call, a longer one in parts. Nobody can read it before `finish`. The
 * bucket drops parts that are never finished.
 */
export class ObjectWriter {
  readonly #objects: R2Bucket;
  readonly #key: string;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #upload: R2MultipartUpload | null = null;
  #parts: R2UploadedPart[] = [];

  constructor(objects: R2Bucket, key: string) {
    this.#objects = objects;
    this.#key = key;
  }

  /** Takes the next bytes, and sends a part when there are enough. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes <= PART_BYTES) return;
    const all = Buffer.concat(this.#held, this.#heldBytes);
    await this.#send(all.subarray(0, PART_BYTES));
    this.#hold(all.subarray(PART_BYTES));
  }

  /** Makes the object readable. */
  async finish(): Promise<void> {
    const last = Buffer.concat(this.#held, this.#heldBytes);
    const upload = this.#upload;
    if (upload === null) {
      await attemptObjects(() => this.#objects.put(this.#key, last));
      return;
    }
    await this.#send(last);
    await attemptObjects(() => upload.complete(this.#parts));
  }

  /** Drops what was sent. */
  async abort(): Promise<void> {
    const upload = this.#upload;
    this.#hold(new Uint8Array());
    if (upload !== null) await attemptObjects(() => upload.abort());
  }

  #hold(bytes: Uint8Array): void {
    this.#held = [bytes];
    this.#heldBytes = bytes.length;
  }

  async #send(bytes: Uint8Array): Promise<void> {
    this.#upload ??= await attemptObjects(() => this.#objects.createMultipartUpload(this.#key));
    const upload = this.#upload;
    this.#parts.push(await attemptObjects(() => upload.uploadPart(this.#parts.length + 1, bytes)));
  }
}
