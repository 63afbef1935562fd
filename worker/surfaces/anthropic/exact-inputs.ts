import type { CountTokensRequest } from '../../../contracts/v1/messages-request.ts';
import { fieldsOf } from '../../providers/metering/reported-usage.ts';
import { hasLongNumber, jsonOf } from '../../providers/transport/stream-reader.ts';

type Message = CountTokensRequest['messages'][number];

const elementOf = (value: unknown, name: string, at: number): unknown => {
  const list = fieldsOf(value)?.[name];
  return Array.isArray(list) ? list[at] : undefined;
};

function withInputs(message: Message, exact: unknown): Message {
  if (message.role !== 'assistant' || typeof message.content === 'string') return message;
  const content = message.content.map((block, at) => {
    const input = fieldsOf(fieldsOf(elementOf(exact, 'content', at))?.input);
    return block.type === 'tool_use' && input !== null ? { ...block, input } : block;
  });
  return { ...message, content };
}

/**
 * Returns the request with the inputs of its tool calls as they stand in the text of the body. Numbers in them that JavaScript cannot
 * hold, such as ids beyond 2^53, are written as they came when the input is written as JSON. Pure.
 */
export function withExactInputs<Request extends Pick<CountTokensRequest, 'messages'>>(
  request: Request,
  text: string,
): Request {
  if (!hasLongNumber(text)) return request;
  const exact = jsonOf(text);
  const messages = request.messages.map((message, at) =>
    withInputs(message, elementOf(exact, 'messages', at)),
  );
  return { ...request, messages };
}
