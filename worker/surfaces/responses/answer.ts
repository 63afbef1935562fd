import type { CreateExecutionResponse } from '../../../contracts/api/executions.ts';
import { answerTokensOf, cacheWriteTokensOf, promptTokensOf } from '../../../contracts/catalog/price.ts';
import type { ReasoningPart, ToolCall } from '../../../contracts/chat/chat.ts';
import type { Usage } from '../../../contracts/usage.ts';
import type { OpenAiResponse, ResponseUsage } from '../../../contracts/v1/responses-answer.ts';
import type { ResponseOutputItem } from '../../../contracts/v1/responses-items.ts';
import type { ResponsesRequest } from '../../../contracts/v1/responses-request.ts';
import { blocksInOrder } from '../../providers/chat/order.ts';
import { jsonOf } from '../../providers/transport/stream-reader.ts';
import { customInput } from './custom-tools.ts';
import { encryptedContentOf } from './reasoning.ts';
import { calledAs, isCustom, type Toolbox, toolboxOf } from './tools.ts';

/** Answers in the format of OpenAI's Responses API. Pure. */

export const responseId = (executionId: string) => `resp_${executionId}`;

/** Returns the id of the execution of a response; null for another text. */
export const executionOfResponse = (id: string): string | null =>
  /^resp_([0-9a-f-]{36})$/i.exec(id)?.[1]?.toLowerCase() ?? null;

/** The request of a response, and whether it is kept. */
export type Asked = { request: ResponsesRequest; store: boolean };

const usageOf = (usage: Usage): ResponseUsage => {
  const input_tokens = promptTokensOf(usage);
  const output_tokens = answerTokensOf(usage);
  return {
    input_tokens,
    input_tokens_details: {
      cached_tokens: usage.cache_read_tokens,
      cache_write_tokens: cacheWriteTokensOf(usage),
    },
    output_tokens,
    output_tokens_details: { reasoning_tokens: usage.reasoning_tokens },
    total_tokens: input_tokens + output_tokens,
  };
};

type Begun = { execution_id: string; created_s: number; model: string };

/** Returns a response without output, as a stream begins with it. */
export function begunResponse(
  { execution_id, created_s, model }: Begun,
  { request, store }: Asked,
): OpenAiResponse {
  const { text, reasoning, metadata } = request;
  return {
    id: responseId(execution_id),
    object: 'response',
    created_at: created_s,
    completed_at: null,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    model,
    output: [],
    usage: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    metadata: metadata ?? {},
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: request.previous_response_id ?? null,
    reasoning: { effort: reasoning?.effort ?? null, summary: reasoning?.summary ?? null },
    store,
    temperature: request.temperature ?? null,
    text: { ...text, format: text?.format ?? { type: 'text' } },
    tool_choice: request.tool_choice ?? 'auto',
    tools: request.tools ?? [],
    top_p: request.top_p ?? null,
    truncation: 'disabled',
  };
}

/** True if the client keeps the conversation, and so has to get what the provider wants back. */
export const carriesReasoning = ({ request, store }: Asked): boolean =>
  !store || request.include?.includes('reasoning.encrypted_content') === true;

const itemId = (prefix: string, execution_id: string, index: number) => `${prefix}_${execution_id}_${index}`;

export function reasoningItem(part: ReasoningPart, id: string, asked: Asked): ResponseOutputItem {
  return {
    type: 'reasoning',
    id,
    summary: part.text === '' ? [] : [{ type: 'summary_text', text: part.text }],
    ...(carriesReasoning(asked) && { encrypted_content: encryptedContentOf(part) }),
  };
}

export const textContent = (text: string) => ({
  type: 'output_text' as const,
  text,
  annotations: [],
  logprobs: [],
});

export type Status = Extract<ResponseOutputItem, { type: 'message' }>['status'];

export const messageItem = (text: string, id: string, status: Status = 'completed'): ResponseOutputItem => ({
  type: 'message',
  id,
  role: 'assistant',
  status,
  content: [textContent(text)],
});

export function callItem(
  { id: call_id, name, arguments: json }: ToolCall,
  id: string,
  toolbox: Toolbox,
  status: Status = 'completed',
): ResponseOutputItem {
  const called = calledAs(toolbox, name);
  if (!isCustom(toolbox, name))
    return { type: 'function_call', id, call_id, ...called, arguments: json, status };
  const input = customInput(json, status !== 'completed');
  return { type: 'custom_tool_call', id, call_id, ...called, input, status };
}

/** Returns the status of an item: of an answer that was cut off the last is incomplete, and every call without whole arguments. */
export function statusOfItem(status: Status, isLast: boolean, json?: string): Status {
  if (status !== 'incomplete') return 'completed';
  return isLast || (json !== undefined && jsonOf(json) === undefined) ? 'incomplete' : 'completed';
}

/** Returns the id of the item at a place of the answer. */
export const idOfItem = (type: ResponseOutputItem['type'], execution_id: string, index: number): string =>
  itemId(
    { message: 'msg', reasoning: 'rs', function_call: 'fc', custom_tool_call: 'ctc' }[type],
    execution_id,
    index,
  );

type Said = Pick<
  CreateExecutionResponse,
  'id' | 'output_text' | 'tool_calls' | 'reasoning' | 'order' | 'refusal'
>;

export const refusalItem = (
  refusal: string,
  id: string,
): Extract<ResponseOutputItem, { type: 'message' }> => ({
  type: 'message',
  id,
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'refusal', refusal }],
});

/** Returns the items of an answer. Texts that follow each other are one message. */
export function outputOf(said: Said, asked: Asked, status: Status): ResponseOutputItem[] {
  const { id, output_text, tool_calls, reasoning = [], order, refusal } = said;
  const toolbox = toolboxOf(asked.request);
  const texts = [{ text: output_text }];
  const blocks = blocksInOrder({ reasoning, texts, calls: tool_calls.length, order });
  const items = blocks.flatMap((block, index): ResponseOutputItem[] => {
    const isLast = index === blocks.length - 1;
    if (block.type === 'reasoning')
      return [reasoningItem(block.reasoning, idOfItem('reasoning', id, index), asked)];
    if (block.type === 'text') {
      const itemStatus = statusOfItem(status, isLast);
      return [messageItem(block.text.text, idOfItem('message', id, index), itemStatus)];
    }
    return tool_calls.slice(block.call, block.call + 1).map((call) => {
      const type = isCustom(toolbox, call.name) ? 'custom_tool_call' : 'function_call';
      const itemStatus = statusOfItem(status, isLast, call.arguments);
      return callItem(call, idOfItem(type, id, index), toolbox, itemStatus);
    });
  });
  const explanation = refusal?.explanation ?? null;
  if (explanation === null) return items;
  return [...items, refusalItem(explanation, idOfItem('message', id, items.length))];
}

const incompleteReasons = { length: 'max_output_tokens', content_filter: 'content_filter' } as const;

type Finished = Said &
  Pick<CreateExecutionResponse, 'model' | 'created_at' | 'finished_at' | 'finish_reason' | 'usage'>;

/** Returns the finished response of an execution that succeeded. */
export function responseOf(execution: Finished, asked: Asked): OpenAiResponse {
  const { id, model, created_at, finished_at, finish_reason, usage } = execution;
  const begun = begunResponse({ execution_id: id, created_s: secondsOf(created_at), model }, asked);
  const reason =
    finish_reason === 'length' || finish_reason === 'content_filter'
      ? incompleteReasons[finish_reason]
      : null;
  const status = reason === null ? 'completed' : 'incomplete';
  return {
    ...begun,
    status,
    completed_at: finished_at === null ? null : secondsOf(finished_at),
    incomplete_details: reason === null ? null : { reason },
    output: outputOf(execution, asked, status),
    usage: usage === null ? null : usageOf(usage),
  };
}

const secondsOf = (iso: string) => Math.floor(Date.parse(iso) / 1_000);
