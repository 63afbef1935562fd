import type { StreamEvent } from '../../providers/provider.ts';

/** An event of Anthropic's, or a part of one: a type, and what belongs to it. */
export type Typed = { type: string; [field: string]: unknown };

type Call = Pick<Extract<StreamEvent, { type: 'tool_call' }>, 'index' | 'id' | 'name'>;

/** A text, or a call of a tool with its arguments as JSON: what was said of it so far. `index` null until it was begun. */
type Block = { call: Call | null; said: string; index: number | null };

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Whether nothing more can come: another text begins a block of its own, and JSON that is whole takes no more. */
const isWhole = ({ call, said }: Block): boolean => call === null || (said.endsWith('}') && isJson(said));

const headOf = ({ call }: Block): Typed =>
  call === null ? { type: 'text', text: '' } : { type: 'tool_use', id: call.id, name: call.name, input: {} };

const deltaOf = ({ call }: Block, piece: string): Typed =>
  call === null ? { type: 'text_delta', text: piece } : { type: 'input_json_delta', partial_json: piece };

/**
 * Writes the content of a message as blocks, one after the other: none is written to once it was stopped, since clients read its
 * JSON then. Providers may mix the pieces of several calls; what comes too early is held back until its turn.
 */
export class BlockWriter {
  /** In the order in which they began to be said. The first is being written, the others wait. */
  readonly #unfinished: Block[] = [];
  readonly #blockOfCall = new Map<number, Block>();
  #begun = 0;

  text(text: string): Typed[] {
    const last = this.#unfinished.at(-1);
    if (last?.call === null) return this.#say(last, text);
    return this.#add({ call: null, said: text, index: null });
  }

  call({ index, id, name }: Call): Typed[] {
    const block = { call: { index, id, name }, said: '', index: null };
    this.#blockOfCall.set(index, block);
    return this.#add(block);
  }

  callArguments({ index, json }: { index: number; json: string }): Typed[] {
    const block = this.#blockOfCall.get(index);
    return block === undefined ? [] : this.#say(block, json);
  }

  /** Everything that was held back, and the end of the last block. */
  end(): Typed[] {
    const events: Typed[] = [];
    while (this.#unfinished.length > 0) events.push(...this.#begin(), ...this.#stop());
    return events;
  }

  #add(block: Block): Typed[] {
    this.#unfinished.push(block);
    return this.#goOn();
  }

  #say(block: Block, piece: string): Typed[] {
    block.said += piece;
    if (block.index === null) return [];
    const delta = { type: 'content_block_delta', index: block.index, delta: deltaOf(block, piece) };
    return [delta, ...this.#goOn()];
  }

  /** Begins the first block; when it is whole and another waits, stops it and begins that. */
  #goOn(): Typed[] {
    const events = this.#begin();
    while (this.#unfinished.length > 1 && this.#unfinished[0] !== undefined && isWhole(this.#unfinished[0]))
      events.push(...this.#stop(), ...this.#begin());
    return events;
  }

  #begin(): Typed[] {
    const [block] = this.#unfinished;
    if (block === undefined || block.index !== null) return [];
    const index = this.#begun;
    this.#begun += 1;
    block.index = index;
    const start = { type: 'content_block_start', index, content_block: headOf(block) };
    if (block.said === '') return [start];
    return [start, { type: 'content_block_delta', index, delta: deltaOf(block, block.said) }];
  }

  #stop(): Typed[] {
    const block = this.#unfinished.shift();
    return block === undefined ? [] : [{ type: 'content_block_stop', index: block.index }];
  }
}
