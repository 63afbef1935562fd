import { z } from 'zod';
import { callIdOf } from '../chat/tool-calls.ts';
import type { StreamEvent } from '../provider.ts';
import { jsonOf } from '../transport/stream-reader.ts';
import { answerBlock, inputJson } from './answer.ts';

/** The number of a block. Servers that leave it out send one block after the other. */
const index = z.int().catch(0);

const blockStart = z.object({ index, content_block: answerBlock.nullish() });

const knownDeltas = ['text_delta', 'thinking_delta', 'signature_delta', 'input_json_delta'];
const blockDelta = z.object({
  index,
  delta: z.union([
    z.object({ type: z.literal('text_delta'), text: z.string().nullish() }),
    z.object({ type: z.literal('thinking_delta'), thinking: z.string().nullish() }),
    z.object({ type: z.literal('signature_delta'), signature: z.string().nullish() }),
    z.object({
      type: z.literal('input_json_delta'),
      partial_json: z.union([z.string(), z.record(z.string(), z.unknown()).transform(inputJson)]).nullish(),
    }),
    // Types that later versions may add.
    z
      .object({ type: z.string().refine((type) => !knownDeltas.includes(type)) })
      .transform(() => ({ type: 'other' as const })),
  ]),
});
const blockStop = z.object({ index });

/** A tool call with its number among the calls, the input of its start, which counts if no pieces follow, and its pieces. */
type Call = { index: number; input: unknown; json: string };

/** A block that has begun: a tool call, or reasoning with its signature so far. */
type OpenBlock = { call: Call } | { signature: string };

const textEvents = (text: string | null | undefined): StreamEvent[] => (text ? [{ type: 'text', text }] : []);
const reasoningEvents = (text: string | null | undefined): StreamEvent[] =>
  text ? [{ type: 'reasoning', text }] : [];

/** The events that a block owes when nothing more comes. A tool without arguments is called with an empty object. */
function finish(block: OpenBlock): StreamEvent[] {
  if ('call' in block) {
    const { index, input, json } = block.call;
    return json === '' ? [{ type: 'tool_arguments', index, json: inputJson(input) }] : [];
  }
  return block.signature === '' ? [] : [{ type: 'reasoning', text: '', signature: block.signature }];
}

/** Reads the blocks of a stream of Anthropic's (texts, thoughts, calls), which are known by their numbers. Null for what cannot be read. */
export class BlockReader {
  readonly #open = new Map<number, OpenBlock>();
  readonly #calls: Call[] = [];
  #isCallLost = false;

  /** The number of tool calls so far. */
  get calls(): number {
    return this.#calls.length;
  }

  /** True if the arguments of a call are no JSON, or a call has pieces and no start. */
  get isUnfinished(): boolean {
    return this.#isCallLost || this.#calls.some(({ json }) => json !== '' && jsonOf(json) === undefined);
  }

  start(data: unknown): StreamEvent[] | null {
    const parsed = blockStart.safeParse(data);
    if (!parsed.success) return null;
    const { index, content_block: block } = parsed.data;
    return [...this.#stopOne(index), ...this.#begin(index, block)];
  }

  #begin(index: number, block: z.infer<typeof blockStart>['content_block']): StreamEvent[] {
    switch (block?.type) {
      case 'text':
        return textEvents(block.text);
      case 'thinking':
        this.#open.set(index, { signature: block.signature ?? '' });
        return reasoningEvents(block.thinking);
      case 'redacted_thinking':
        return [{ type: 'reasoning', text: '', encrypted: block.data }];
      case 'tool_use': {
        const call = { index: this.#calls.length, input: block.input, json: '' };
        this.#calls.push(call);
        this.#open.set(index, { call });
        return [{ type: 'tool_call', index: call.index, id: callIdOf(block.id), name: block.name }];
      }
      default:
        return [];
    }
  }

  delta(data: unknown): StreamEvent[] | null {
    const parsed = blockDelta.safeParse(data);
    if (!parsed.success) return null;
    const { index, delta } = parsed.data;
    const block = this.#open.get(index);
    switch (delta.type) {
      case 'text_delta':
        return textEvents(delta.text);
      case 'thinking_delta':
        return reasoningEvents(delta.thinking);
      case 'signature_delta': {
        const before = block !== undefined && 'signature' in block ? block.signature : '';
        this.#open.set(index, { signature: before + (delta.signature ?? '') });
        return [];
      }
      case 'input_json_delta':
        if (block !== undefined && 'call' in block) return addTo(block.call, delta.partial_json);
        this.#isCallLost = true;
        return [];
      case 'other':
        return [];
    }
  }

  stop(data: unknown): StreamEvent[] {
    const parsed = blockStop.safeParse(data);
    return parsed.success ? this.#stopOne(parsed.data.index) : [];
  }

  /** Ends the blocks that no event has stopped. */
  stopAll(): StreamEvent[] {
    return [...this.#open.keys()].flatMap((index) => this.#stopOne(index));
  }

  #stopOne(index: number): StreamEvent[] {
    const block = this.#open.get(index);
    this.#open.delete(index);
    return block === undefined ? [] : finish(block);
  }
}

/** Adds a piece of the arguments. One that has all so far again, and more, adds the rest alone. */
function addTo(call: Call, piece: string | null | undefined): StreamEvent[] {
  if (!piece) return [];
  const isWhole = call.json.startsWith('{') && piece.startsWith(call.json) && jsonOf(call.json) === undefined;
  const json = isWhole ? piece.slice(call.json.length) : piece;
  call.json += json;
  return json === '' ? [] : [{ type: 'tool_arguments', index: call.index, json }];
}
