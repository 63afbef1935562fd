import type { MessageStreamEvent } from '../../../contracts/v1/messages-answer.ts';
import type { StreamEvent } from '../../providers/provider.ts';
import { jsonOf } from '../../providers/transport/stream-reader.ts';

type Head = Extract<MessageStreamEvent, { type: 'content_block_start' }>['content_block'];
type Delta = Extract<MessageStreamEvent, { type: 'content_block_delta' }>['delta'];

type Call = Pick<Extract<StreamEvent, { type: 'tool_call' }>, 'index' | 'id' | 'name'>;
type Reasoning = Omit<Extract<StreamEvent, { type: 'reasoning' }>, 'type'>;

/**
 * A block as received so far: a text, reasoning with its signature, or a tool call with its arguments as JSON. `index` is null until
 * the block is started.
 */
type Block = { head: Head; said: string; signature: string; index: number | null };

const blockOf = (head: Head, said = ''): Block => ({ head, said, signature: '', index: null });

/** Tells whether a block is complete: a tool call when its JSON is, all others when another block waits. */
const isWhole = ({ head, said }: Block): boolean =>
  head.type !== 'tool_use' || (said.endsWith('}') && jsonOf(said) !== undefined);

function deltaOf({ head }: Block, piece: string): Delta {
  switch (head.type) {
    case 'tool_use':
      return { type: 'input_json_delta', partial_json: piece };
    case 'thinking':
      return { type: 'thinking_delta', thinking: piece };
    default:
      return { type: 'text_delta', text: piece };
  }
}

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
    if (last?.head.type === 'text') return this.#say(last, text);
    return this.#add(blockOf({ type: 'text', text: '' }, text));
  }

  /** A signature ends a piece of reasoning, so that the next one is a block of its own. */
  reasoning({ text, signature, encrypted }: Reasoning): MessageStreamEvent[] {
    if (encrypted !== undefined) return this.#add(blockOf({ type: 'redacted_thinking', data: encrypted }));
    const last = this.#unfinished.at(-1);
    const isMore = last?.head.type === 'thinking' && last.signature === '';
    const block = isMore ? last : blockOf({ type: 'thinking', thinking: '', signature: '' });
    const begun = isMore ? [] : this.#add(block);
    return [...begun, ...(text === '' ? [] : this.#say(block, text)), ...this.#sign(block, signature)];
  }

  call({ index, id, name }: Call): MessageStreamEvent[] {
    const block = blockOf({ type: 'tool_use', id, name, input: {} });
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

  #sign(block: Block, signature = ''): MessageStreamEvent[] {
    block.signature = signature;
    return block.index === null || signature === '' ? [] : [signatureDelta(block.index, signature)];
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
    return [
      { type: 'content_block_start', index, content_block: block.head },
      ...(block.said === ''
        ? []
        : [{ type: 'content_block_delta' as const, index, delta: deltaOf(block, block.said) }]),
      ...(block.signature === '' ? [] : [signatureDelta(index, block.signature)]),
    ];
  }

  #stop(): MessageStreamEvent[] {
    const block = this.#unfinished.shift();
    return block === undefined || block.index === null
      ? []
      : [{ type: 'content_block_stop', index: block.index }];
  }
}

const signatureDelta = (index: number, signature: string): MessageStreamEvent => ({
  type: 'content_block_delta',
  index,
  delta: { type: 'signature_delta', signature },
});
