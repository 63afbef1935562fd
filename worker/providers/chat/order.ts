import { type AnswerPlace, ORDER_MAX } from '../../../contracts/chat/chat.ts';
import type { Completion } from '../provider.ts';

/**
 * The order of reasoning, text and tool calls in a message. Without one it is this order. It matters to Anthropic, which takes signed
 * reasoning back only in its place. Pure.
 */

/** A block of a message. `call` is the number of a tool call. */
export type Block<Reasoning, Text> =
  | { type: 'reasoning'; reasoning: Reasoning }
  | { type: 'text'; text: Text }
  | { type: 'tool_call'; call: number };

type Said<Reasoning, Text> = {
  reasoning: readonly Reasoning[];
  texts: readonly Text[];
  /** The number of tool calls. */
  calls: number;
  order?: readonly AnswerPlace[] | undefined;
};

const lengthOf = (texts: readonly { text: string }[]): number =>
  texts.reduce((sum, { text }) => sum + text.length, 0);

const countOf = (order: readonly AnswerPlace[], type: AnswerPlace['type']): number =>
  order.filter((place) => place.type === type).length;

/** True for an order that names all of a message, and nothing else. */
function fits(
  order: readonly AnswerPlace[],
  { reasoning, texts, calls }: Said<unknown, { text: string }>,
): boolean {
  const text_length = order.reduce((sum, place) => sum + (place.type === 'text' ? place.length : 0), 0);
  return (
    countOf(order, 'reasoning') === reasoning.length &&
    countOf(order, 'tool_call') === calls &&
    text_length === lengthOf(texts)
  );
}

const plainOrder = ({ reasoning, texts, calls }: Said<unknown, { text: string }>): AnswerPlace[] => [
  ...reasoning.map(() => ({ type: 'reasoning' as const })),
  ...(lengthOf(texts) === 0 ? [] : [{ type: 'text' as const, length: lengthOf(texts) }]),
  ...Array.from({ length: calls }, () => ({ type: 'tool_call' as const })),
];

/** Takes the next characters of texts. The last piece of a text keeps its other fields, such as a mark for the cache. */
class TextCursor<Text extends { text: string }> {
  readonly #texts: Text[];

  constructor(texts: readonly Text[]) {
    this.#texts = [...texts];
  }

  take(length: number): Text[] {
    const taken: Text[] = [];
    let missing = length;
    while (missing > 0) {
      const next = this.#texts.shift();
      if (next === undefined) return taken;
      const { text } = next;
      if (text.length > missing) {
        taken.push({ text: text.slice(0, missing), ...('type' in next && { type: next.type }) } as Text);
        this.#texts.unshift({ ...next, text: text.slice(missing) });
      } else if (text !== '') taken.push(next);
      missing -= text.length;
    }
    return taken;
  }
}

/** The blocks of a message in their order. One that does not fit the message is passed over. */
export function blocksInOrder<Reasoning, Text extends { text: string }>(
  said: Said<Reasoning, Text>,
): Block<Reasoning, Text>[] {
  const order = said.order !== undefined && fits(said.order, said) ? said.order : plainOrder(said);
  const texts = new TextCursor(said.texts);
  const reasoning = said.reasoning.values();
  let call = 0;
  return order.flatMap((place): Block<Reasoning, Text>[] => {
    if (place.type === 'text') return texts.take(place.length).map((text) => ({ type: 'text', text }));
    if (place.type === 'tool_call') return [{ type: 'tool_call', call: call++ }];
    const { value } = reasoning.next();
    return value === undefined ? [] : [{ type: 'reasoning', reasoning: value }];
  });
}

const isPlain = (order: readonly AnswerPlace[]): boolean => {
  const kinds = order.map(({ type }) => ['reasoning', 'text', 'tool_call'].indexOf(type));
  return kinds.every((kind, at) => kind >= (kinds[at - 1] ?? 0));
};

/** The order as a field of a message: none when it is the plain one, or too long to tell. */
export const orderField = (order: readonly AnswerPlace[]): { order?: AnswerPlace[] } =>
  isPlain(order) || order.length > ORDER_MAX ? {} : { order: [...order] };

/** The order of an answer so far. */
const orderOf = ({ order, text, reasoning = [], tool_calls }: Completion): AnswerPlace[] =>
  order ?? plainOrder({ reasoning, texts: [{ text }], calls: tool_calls.length });

/** The kind of an answer's last block; undefined before the first. */
export const lastKind = (collected: Completion): AnswerPlace['type'] | undefined => {
  const { order, text, reasoning = [], tool_calls } = collected;
  if (order !== undefined) return order.at(-1)?.type;
  if (tool_calls.length > 0) return 'tool_call';
  if (text !== '') return 'text';
  return reasoning.length > 0 ? 'reasoning' : undefined;
};

/** The order of an answer to which a block was added, or characters to its last text, as a field. */
export function orderWith(collected: Completion, place: AnswerPlace): { order?: AnswerPlace[] } {
  const kinds = ['reasoning', 'text', 'tool_call'];
  const last = lastKind(collected);
  const isInOrder = last === undefined || kinds.indexOf(last) <= kinds.indexOf(place.type);
  if (collected.order === undefined && isInOrder) return {};
  const order = orderOf(collected);
  if (order.length >= ORDER_MAX) return { order };
  const before = order.at(-1);
  if (place.type !== 'text' || before?.type !== 'text') return { order: [...order, place] };
  return { order: [...order.slice(0, -1), { type: 'text', length: before.length + place.length }] };
}
