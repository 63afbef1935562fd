import type { ChatMessage } from '../../../contracts/chat/chat.ts';
import { audioFormatOf } from '../../../contracts/v1/input-audio.ts';
import type { ResponseInputList, ResponseInputShown } from '../../../contracts/v1/responses-answer.ts';

/** The input of a kept response, as items. Pure. */

type Part = Extract<ChatMessage, { role: 'user' }>['content'][number];
type Unnamed<Item> = Item extends { id: string } ? Omit<Item, 'id'> : never;

const dataUrl = (media_type: string, data: string) => `data:${media_type};base64,${data}`;

function partOf(part: Part): Record<string, unknown> {
  if (part.type === 'text') return { type: 'input_text', text: part.text };
  if (part.type === 'audio') {
    const { data } = part.source;
    return { type: 'input_audio', input_audio: { data, format: audioFormatOf(part.source) } };
  }
  const { source } = part;
  const url = source.kind === 'url' ? source.url : dataUrl(source.media_type, source.data);
  if (part.type === 'image') return { type: 'input_image', image_url: url, detail: part.detail ?? 'auto' };
  const named = part.title === undefined ? {} : { filename: part.title };
  return { type: 'input_file', ...named, [source.kind === 'url' ? 'file_url' : 'file_data']: url };
}

const status = 'completed' as const;

function itemsOfMessage(message: ChatMessage): Unnamed<ResponseInputShown>[] {
  switch (message.role) {
    case 'system':
    case 'user':
      return [{ type: 'message', role: message.role, status, content: message.content.map(partOf) }];
    case 'tool':
      return [
        {
          ...{ type: 'function_call_output', call_id: message.tool_call_id, status },
          output: message.content.map(partOf),
        },
      ];
    case 'assistant': {
      const content = message.content.map(({ text }) => ({ type: 'output_text', text, annotations: [] }));
      const calls = (message.tool_calls ?? []).map(({ id, name, arguments: json }) => ({
        ...{ type: 'function_call' as const, call_id: id, name, arguments: json, status },
      }));
      const said = { type: 'message' as const, role: message.role, status, content };
      return [...(content.length > 0 ? [said] : []), ...calls];
    }
  }
}

/** Lists a conversation as items, the newest first unless asked otherwise. Reasoning is left out: only its provider can read what it has signed. */
export function inputListOf(
  execution_id: string,
  messages: ChatMessage[],
  order: 'asc' | 'desc' = 'desc',
): ResponseInputList {
  const oldestFirst = messages
    .flatMap(itemsOfMessage)
    .map((item, at): ResponseInputShown => ({ ...item, id: `item_${execution_id}_${at}` }));
  const data = order === 'asc' ? oldestFirst : oldestFirst.toReversed();
  const [first, last] = [data[0], data.at(-1)];
  return {
    object: 'list',
    data,
    first_id: first?.id ?? null,
    last_id: last?.id ?? null,
    has_more: false,
  };
}
