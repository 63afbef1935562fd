/** Reads one HTTP/1.1 answer from the bytes of a connection: with a length, or in chunks. */
export class AnswerReader {
  #bytes: Buffer = Buffer.alloc(0);
  #body: Buffer[] = [];
  #status = 0;
  /** Bytes of the body still to come; null before the head has been read. */
  #left: number | null = null;
  #isChunked = false;
  #done = false;

  get status(): number {
    return this.#status;
  }

  /** True as soon as a byte of the body is here. */
  get hasBody(): boolean {
    return this.#body.length > 0;
  }

  /** The body so far. */
  get text(): string {
    return Buffer.concat(this.#body).toString('utf8');
  }

  /** Takes what the connection received. Returns true when the answer is complete. */
  push(received: Buffer): boolean {
    this.#bytes = this.#bytes.length === 0 ? received : Buffer.concat([this.#bytes, received]);
    if (this.#left === null && !this.#readHead()) return false;
    if (this.#isChunked) this.#readChunks();
    else this.#take(this.#left ?? 0);
    return this.#done || (!this.#isChunked && this.#left === 0);
  }

  #readHead(): boolean {
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end === -1) return false;
    const head = this.#bytes.toString('latin1', 0, end);
    this.#bytes = this.#bytes.subarray(end + 4);
    this.#status = Number(head.slice(9, 12));
    this.#isChunked = /\r\ntransfer-encoding: *chunked/i.test(head);
    this.#left = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    return true;
  }

  /** Moves up to `count` bytes to the body. */
  #take(count: number): void {
    const taken = this.#bytes.subarray(0, count);
    if (taken.length === 0) return;
    this.#body.push(taken);
    this.#bytes = this.#bytes.subarray(taken.length);
    this.#left = count - taken.length;
  }

  #readChunks(): void {
    for (;;) {
      if (this.#left === 0) {
        const end = this.#bytes.indexOf('\r\n');
        if (end === -1) return;
        const size = Number.parseInt(this.#bytes.toString('latin1', 0, end), 16);
        // After the last chunk comes an empty line.
        if (size === 0) {
          this.#done = this.#bytes.length >= end + 4;
          return;
        }
        this.#bytes = this.#bytes.subarray(end + 2);
        // With the line break that ends the chunk, which is dropped below.
        this.#left = size + 2;
      }
      if (this.#bytes.length < (this.#left ?? 0)) return;
      const chunk = this.#bytes.subarray(0, (this.#left ?? 0) - 2);
      this.#body.push(chunk);
      this.#bytes = this.#bytes.subarray(this.#left ?? 0);
      this.#left = 0;
    }
  }
}
