import type { ResponseStreamEvent } from '../../../contracts/v1/responses-answer.ts';
import type { ResponseOutputItem } from '../../../contracts/v1/responses-items.ts';
import { textContent } from './answer.ts';

/** The events that write one item of a stream. Pure. */

/** An event without its number. */
type Unnumbered<Event> = Event extends { sequence_number: number } ? Omit<Event, 'sequence_number'> : never;
export type Event = Unnumbered<ResponseStreamEvent>;

export const itemEvent = (
  state: 'added' | 'done',
  output_index: number,
  item: ResponseOutputItem,
): Event => ({
  type: `response.output_item.${state}`,
  output_index,
  item,
});

/** The start of a message. */
export const messageStarted = (output_index: number, id: string): Event[] => [
  itemEvent('added', output_index, {
    ...{ type: 'message', id, role: 'assistant', status: 'in_progress', content: [] },
  }),
  {
    type: 'response.content_part.added',
    ...{ item_id: id, output_index, content_index: 0 },
    part: textContent(''),
  },
];

/** The end of a message's text. */
export function textEnded(output_index: number, item_id: string, text: string): Event[] {
  const place = { item_id, output_index, content_index: 0 };
  return [
    { type: 'response.output_text.done', ...place, text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part: textContent(text) },
  ];
}

/** The end of the reasoning that is shown. */
export function summaryEnded(output_index: number, item_id: string, text: string): Event[] {
  if (text === '') return [];
  const place = { item_id, output_index, summary_index: 0 };
  return [
    { type: 'response.reasoning_summary_text.done', ...place, text },
    { type: 'response.reasoning_summary_part.done', ...place, part: { type: 'summary_text', text } },
  ];
}

/** The end of what a call says. The text of a custom tool comes whole, unless it was cut off. */
export function callEnded(output_index: number, item: ResponseOutputItem): Event[] {
  const place = { item_id: item.id, output_index };
  if (item.type === 'custom_tool_call') {
    const { input } = item;
    return [
      ...(input === ''
        ? []
        : [{ type: 'response.custom_tool_call_input.delta' as const, ...place, delta: input }]),
      { type: 'response.custom_tool_call_input.done', ...place, input },
    ];
  }
  if (item.type !== 'function_call') return [];
  const { name, arguments: json } = item;
  return [{ type: 'response.function_call_arguments.done', ...place, name, arguments: json }];
}

/** A whole refusal, which comes at the end of an answer. */
export function refused(
  output_index: number,
  item: Extract<ResponseOutputItem, { type: 'message' }>,
  refusal: string,
): Event[] {
  const place = { item_id: item.id, output_index, content_index: 0 };
  return [
    itemEvent('added', output_index, { ...item, status: 'in_progress', content: [] }),
    { type: 'response.content_part.added', ...place, part: { type: 'refusal', refusal: '' } },
    { type: 'response.refusal.delta', ...place, delta: refusal },
    { type: 'response.refusal.done', ...place, refusal },
    { type: 'response.content_part.done', ...place, part: { type: 'refusal', refusal } },
    itemEvent('done', output_index, item),
  ];
}
