import type { MessageStreamEvent } from '../../../contracts/v1/messages-answer.ts';
import type { StreamEvent } from '../../providers/provider.ts';

type Head = Extract<MessageStreamEvent, { type: 'content_block_start' }>['content_block'];
type Delta = Extract<MessageStreamEvent, { type: 'content_block_delta' }>['delta'];

type Call = Pick<Extract<StreamEvent, { type: 'tool_call' }>, 'index' | 'id' | 'name'>;

/** A text, or a tool call with its arguments as JSON, as received so far. `index` is null until the block is started. */
type Block = { call: Call | null; said: string; index: number | null };

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Tells whether a block is complete: a text when another block waits, a tool call when its JSON is complete. */
const isWhole = ({ call, said }: Block): boolean => call === null || (said.endsWith('}') && isJson(said));

const headOf = ({ call }: Block): Head =>
  call === null ? { type: 'text', text: '' } : { type: 'tool_use', id: call.id, name: call.name, input: {} };

const deltaOf = ({ call }: Block, piece: string): Delta =>
  call === null ? { type: 'text_delta', text: piece } : { type: 'input_json_delta', partial_json: piece };

/**
 * Writes the content of a message as blocks, one after the other. A stopped block gets no more deltas, because clients parse its JSON
 * when it stops. Providers can mix the pieces of several calls; a piece that comes too early is held back until its block starts.
 */
export class BlockWriter {
  /** Blocks in the order in which they arrived. The first is being written, the others wait. */
  readonly #unfinished: Block[] = [];
  readonly #blockOfCall = new Map<number, Block>();
  #begun = 0;

  text(text: string): MessageStreamEvent[] {
    const last = this.#unfinished.at(-1);
    if (last?.call === null) return this.#say(last, text);
    return this.#add({ call: null, said: text, index: null });
  }

  call({ index, id, name }: Call): MessageStreamEvent[] {
    const block = { call: { index, id, name }, said: '', index: null };
    this.#blockOfCall.set(index, block);
    return this.#add(block);
  }

  callArguments({ index, json }: { index: number; json: string }): MessageStreamEvent[] {
    const block = this.#blockOfCall.get(index);
    return block === undefined ? [] : this.#say(block, json);
  }

  /** Returns all events that were held back, and the end of the last block. */
  end(): MessageStreamEvent[] {
    const events: MessageStreamEvent[] = [];
    while (this.#unfinished.length > 0) events.push(...this.#begin(), ...this.#stop());
    return events;
  }

  #add(block: Block): MessageStreamEvent[] {
    this.#unfinished.push(block);
    return this.#goOn();
  }

  #say(block: Block, piece: string): MessageStreamEvent[] {
    block.said += piece;
    if (block.index === null) return [];
    const delta = { type: 'content_block_delta' as const, index: block.index, delta: deltaOf(block, piece) };
    return [delta, ...this.#goOn()];
  }

  /** Starts the first block. When it is complete and another waits, stops it and starts the next. */
  #goOn(): MessageStreamEvent[] {
    const events = this.#begin();
    while (this.#unfinished.length > 1 && this.#unfinished[0] !== undefined && isWhole(this.#unfinished[0]))
      events.push(...this.#stop(), ...this.#begin());
    return events;
  }

  #begin(): MessageStreamEvent[] {
    const [block] = this.#unfinished;
    if (block === undefined || block.index !== null) return [];
    const index = this.#begun;
    this.#begun += 1;
    block.index = index;
    const start = { type: 'content_block_start' as const, index, content_block: headOf(block) };
    if (block.said === '') return [start];
    return [start, { type: 'content_block_delta', index, delta: deltaOf(block, block.said) }];
  }

  #stop(): MessageStreamEvent[] {
    const block = this.#unfinished.shift();
    return block === undefined || block.index === null
      ? []
      : [{ type: 'content_block_stop', index: block.index }];
  }
}
