/** Reads forms (multipart/form-data, RFC 7578) as they arrive, so that a file need not be held. Pure but for what was read so far. */

/** A part begins, some of its bytes, the end of the form, or the reason why it is none. */
export type FormEvent =
  | { type: 'part'; name: string; filename: string | null }
  | { type: 'bytes'; bytes: Uint8Array }
  | { type: 'end' }
  | { type: 'malformed'; message: string };

/** The most bytes of the headers of a part, and of what stands before the first part. */
const HEAD_BYTES_MAX = 8_192;
/** The most parts of a form. */
const PARTS_MAX = 50;

const LINE = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');

/** Returns the boundary in a content type; null for one that is no form. Pure. */
export function boundaryOf(contentType: string): string | null {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) return null;
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? [];
  return quoted ?? plain ?? null;
}

/** Returns a text with the escapes of a parameter resolved, as browsers and SDKs write them; the text itself if it has broken ones. */
function unescaped(text: string): string {
  return text.replaceAll(/%22|%0D|%0A/gi, decodeURIComponent).replaceAll(/\\(["\\])/g, '$1');
}

function decoded(text: string | undefined): string | null {
  try {
    return text === undefined ? null : decodeURIComponent(text);
  } catch {
    return null;
  }
}

const PARAMETER = /;\s*([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))/g;

/** Reads the name of a part and of its file from its headers; null without a name. */
function partOf(head: string): Extract<FormEvent, { type: 'part' }> | null {
  const isDisposition = (header: string) => /^content-disposition\s*:\s*form-data\s*;/i.test(header);
  const line = head.split('\r\n').find(isDisposition) ?? '';
  const parameters = new Map(
    [...line.matchAll(PARAMETER)].map(([, name = '', quoted, plain]) => [
      name.toLowerCase(),
      unescaped(quoted ?? plain ?? ''),
    ]),
  );
  const name = parameters.get('name');
  if (!name) return null;
  const extended = decoded(/^UTF-8''(.+)$/i.exec(parameters.get('filename*') ?? '')?.[1]);
  return { type: 'part', name, filename: extended ?? parameters.get('filename') ?? null };
}

/** Takes the bytes of a form piece by piece, and gives what they contain. */
export class FormReader {
  readonly #delimiter: Buffer;
  /** Bytes that were not given yet. A form begins with a boundary without a line end before it. */
  #rest: Buffer = LINE;
  #state: 'before' | 'boundary' | 'head' | 'body' | 'over' = 'before';
  #parts = 0;

  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  /** Takes the next bytes. */
  push(bytes: Uint8Array): FormEvent[] {
    if (this.#state === 'over') return [];
    this.#rest = this.#rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes]);
    const events: FormEvent[] = [];
    while (this.#step(events));
    return events;
  }

  /** Tells that no more bytes come. */
  finish(): FormEvent[] {
    return this.#state === 'over' ? [] : [this.#fail('The form ends before its last boundary')];
  }

  /** Goes on as far as the bytes allow. Returns true if there may be more in them. */
  #step(events: FormEvent[]): boolean {
    switch (this.#state) {
      case 'before':
        return this.#toBoundary(events, false);
      case 'boundary':
        return this.#afterBoundary(events);
      case 'head':
        return this.#head(events);
      case 'body':
        return this.#toBoundary(events, true);
      case 'over':
        return false;
    }
  }

  #fail(message: string): FormEvent {
    this.#state = 'over';
    return { type: 'malformed', message };
  }

  #take(bytes: number): Buffer {
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }

  #toBoundary(events: FormEvent[], isBody: boolean): boolean {
    const at = this.#rest.indexOf(this.#delimiter);
    const safe = at === -1 ? Math.max(0, this.#rest.length - this.#delimiter.length + 1) : at;
    if (isBody && safe > 0) events.push({ type: 'bytes', bytes: this.#take(safe) });
    if (!isBody && safe > HEAD_BYTES_MAX)
      events.push(this.#fail('The form does not begin with its boundary'));
    if (at === -1 || this.#state === 'over') return false;
    this.#take(isBody ? this.#delimiter.length : at + this.#delimiter.length);
    this.#state = 'boundary';
    return true;
  }

  #afterBoundary(events: FormEvent[]): boolean {
    if (this.#rest.length < 2) return false;
    const mark = this.#rest.toString('latin1', 0, 2);
    if (mark === '--') {
      this.#state = 'over';
      events.push({ type: 'end' });
    } else if (mark === '\r\n' && this.#parts < PARTS_MAX) {
      this.#take(2);
      this.#parts += 1;
      this.#state = 'head';
    } else
      events.push(
        this.#fail(
          mark === '\r\n' ? `The form has more than ${PARTS_MAX} parts` : 'The form has a broken boundary',
        ),
      );
    return this.#state === 'head';
  }

  #head(events: FormEvent[]): boolean {
    const at = this.#rest.indexOf(HEAD_END);
    if (at === -1 || at > HEAD_BYTES_MAX) {
      if (this.#rest.length > HEAD_BYTES_MAX) events.push(this.#fail('The headers of a part are too long'));
      return false;
    }
    const part = partOf(this.#take(at).toString('utf8'));
    this.#take(HEAD_END.length);
    events.push(part ?? this.#fail('A part of the form has no name'));
    if (part !== null) this.#state = 'body';
    return part !== null;
  }
}
