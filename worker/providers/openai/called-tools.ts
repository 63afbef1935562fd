import { calledToolName, toolCallId } from '../../../contracts/chat/chat.ts';
import { callIdOf } from '../chat/tool-calls.ts';
import { fieldsOf } from '../metering/reported-usage.ts';
import type { StreamEvent } from '../provider.ts';
import { unreadable } from '../transport/stream-reader.ts';

/**
 * Reads the tool calls of OpenAI's chat completions. By the documentation the pieces of a call share its number, and the first has its
 * id and its name. Servers number every call 0, give no ids or a new one in each piece, or send the name late. Pure.
 */

/** A piece of a call as it was sent. An empty text is not told. */
type Piece = {
  number: number | null;
  id: string;
  name: string;
  json: string;
  extra_content: Record<string, unknown> | null;
};

const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : '';
};

/** The arguments as text. Some servers send them as an object, and an empty one as an empty list. */
function jsonOf(value: unknown): string {
  if (Array.isArray(value) && value.length === 0) return '{}';
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : textOf(value);
}

/** The number of a call, which some servers write as a text. */
const numberOf = (index: unknown): number | null =>
  typeof index === 'number' || (typeof index === 'string' && /^\d{1,9}$/.test(index)) ? Number(index) : null;

/** The id of a call. Some servers write the word for none. */
const idOf = (id: unknown): string => (/^(null|none|undefined)$/i.test(textOf(id)) ? '' : textOf(id));

/** The calls in a value: a list, one call, or an object whose fields are their numbers, as PHP writes a list with gaps. */
function callsIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  const entries = Object.entries(fieldsOf(value) ?? {});
  const isNumbered = entries.length > 0 && entries.every(([name]) => numberOf(name) !== null);
  return isNumbered ? entries.map(([index, call]) => ({ index, ...fieldsOf(call) })) : [value];
}

/** The piece that a value holds, whether its function is nested or not. Null if it is none. */
function pieceOf(value: unknown): Piece | null {
  const fields = fieldsOf(value);
  if (fields === null) return null;
  const called = fieldsOf(fields.function) ?? fields;
  return {
    number: numberOf(fields.index),
    id: idOf(fields.id),
    name: textOf(called.name),
    json: jsonOf(called.arguments ?? called.parameters ?? called.input),
    extra_content: fieldsOf(fields.extra_content),
  };
}

const startsObject = (json: string): boolean => /^\s*\{/.test(json);
const isEmptyObject = (json: string): boolean => /^\s*\{\s*\}\s*$/.test(json);

/** Follows the text of an object, to know when it is complete. */
class ObjectText {
  text = '';
  #isObject = false;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  get isComplete(): boolean {
    return this.#isObject && this.#depth === 0;
  }

  add(text: string): void {
    if (this.text === '') this.#isObject = startsObject(text);
    this.text += text;
    for (const character of text) {
      if (this.#isInString) this.#readInString(character);
      else if (character === '"') this.#isInString = true;
      else if (character === '{' || character === '[') this.#depth += 1;
      else if (character === '}' || character === ']') this.#depth -= 1;
    }
  }

  #readInString(character: string): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (character === '\\') this.#isEscaped = true;
    else if (character === '"') this.#isInString = false;
  }
}

/** A call. `index` is null until it has a name; then its pieces are told. `untold` is the text of its arguments that was held back. */
type Call = Piece & { index: number | null; written: ObjectText; untold: string };

/** True for a piece that has all arguments of a complete call again: with its id, or with neither id nor name. */
function repeats({ id, written }: Call, piece: Pick<Piece, 'id' | 'name' | 'json'>): boolean {
  if (!written.isComplete || piece.json !== written.text) return false;
  return piece.id === '' ? piece.name === '' : piece.id === id;
}

/** True for a piece that has the arguments so far again, and more: no text of JSON begins with itself within itself. */
const isWhole = ({ text, isComplete }: ObjectText, json: string): boolean =>
  !isComplete && startsObject(text) && json.length >= text.length && json.startsWith(text);

/** True if a piece under the number of a call belongs to it, false if it begins another call. */
function continues(call: Call, { id, name, json }: Piece): boolean {
  const { isComplete, text } = call.written;
  if (call.name === '' || repeats(call, { id, name, json })) return true;
  const beginsArguments = isComplete && startsObject(json);
  // An empty object may stand for arguments that are to come.
  if (name === '') return !beginsArguments || call.untold !== '';
  const isOtherId = id !== '' && call.id !== '' && id !== call.id;
  if (name !== call.name) return false;
  if (isComplete) return !isOtherId && !beginsArguments;
  return !isOtherId || text !== '' || json !== '';
}

/** Assigns the pieces of tool calls to their calls, and tells the calls in the order in which they get their names. */
export class CalledTools {
  readonly #calls: Call[] = [];
  readonly #ids = new Set<string>();
  #count = 0;

  /** The number of calls told. */
  get count(): number {
    return this.#count;
  }

  /** True if the arguments of a call are not complete. */
  get isUnfinished(): boolean {
    return this.#calls.some(({ written }) => written.text.trim() !== '' && !written.isComplete);
  }

  /** Reads the calls in a message or a delta. In a message each is a call of its own. */
  read(values: unknown, isMessage: boolean): StreamEvent[] {
    return callsIn(values).flatMap((value, position) => {
      const piece = pieceOf(value);
      if (piece === null) return [];
      return this.#readPiece(isMessage ? { ...piece, number: position } : piece);
    });
  }

  /**
   * The arguments that were held back, and an empty object for a call without any. A call without a name is unreadable if it has
   * arguments, and none if it has not.
   */
  flush(): StreamEvent[] {
    return this.#calls.flatMap((call) => {
      if (call.index === null) return call.untold === '' ? [] : unreadable('A tool call has no name');
      return this.#tellArguments(call, call.written.text.trim() === '' ? '{}' : '');
    });
  }

  #readPiece(piece: Piece): StreamEvent[] {
    const { id, name } = piece;
    if (id !== '' && !toolCallId.safeParse(id).success)
      return unreadable('The id of a tool call is too long');
    if (name !== '' && !calledToolName.safeParse(name).success)
      return unreadable('The name of a tool call is too long');
    const known = this.#find(piece);
    if (known !== undefined && continues(known, piece)) return this.#continue(known, piece);
    // A second call of the same tool may come without its name.
    const call = {
      ...piece,
      name: name || (known?.name ?? ''),
      index: null,
      written: new ObjectText(),
      untold: '',
    };
    this.#calls.push(call);
    return [...(known === undefined ? [] : this.#tellArguments(known, '')), ...this.#tell(call, piece.json)];
  }

  #find({ number, id, name }: Piece): Call | undefined {
    const byId = () => this.#calls.findLast((call) => id !== '' && call.id === id);
    if (number === null) return byId() ?? this.#calls.at(-1);
    return this.#calls.findLast((call) => call.number === number) ?? (name === '' ? byId() : undefined);
  }

  #continue(call: Call, piece: Piece): StreamEvent[] {
    if (repeats(call, piece)) return [];
    const { id, name, json, extra_content } = piece;
    const more = isWhole(call.written, json) ? json.slice(call.written.text.length) : json;
    call.id ||= id;
    call.name ||= name;
    call.extra_content ??= extra_content;
    return this.#tell(call, more);
  }

  #tell(call: Call, piece: string): StreamEvent[] {
    const json = call.written.text === '' && piece.trim() === 'null' ? '' : piece;
    const isPlaceholder = isEmptyObject(call.untold) && startsObject(json);
    if (isPlaceholder) {
      call.untold = '';
      call.written = new ObjectText();
    }
    const isOpening = call.written.text === '';
    call.written.add(json);
    if (call.name === '') {
      call.untold += json;
      return [];
    }
    const opening = call.index === null ? [this.#open(call)] : [];
    if (isOpening && isEmptyObject(json)) {
      call.untold = json;
      return opening;
    }
    return [...opening, ...this.#tellArguments(call, json)];
  }

  #open(call: Call): StreamEvent {
    const { id, name, extra_content } = call;
    call.index = this.#count;
    this.#count += 1;
    const unique = callIdOf(this.#ids.has(id) ? '' : id);
    this.#ids.add(unique);
    return {
      type: 'tool_call',
      index: call.index,
      id: unique,
      name,
      ...(extra_content !== null && { extra_content }),
    };
  }

  #tellArguments(call: Call, more: string): StreamEvent[] {
    const { index, untold } = call;
    if (index === null) return [];
    call.untold = '';
    return [untold, more]
      .filter((json) => json !== '')
      .map((json) => ({ type: 'tool_arguments', index, json }));
  }
}
