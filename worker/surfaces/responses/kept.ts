import type { Execution } from '../../../contracts/api/executions.ts';
import type { ChatMessage } from '../../../contracts/chat/chat.ts';
import type { KeptAnswer, KeptInput, KeptOutput } from '../../../contracts/execution-job.ts';
import type { OpenAiResponse } from '../../../contracts/v1/responses-answer.ts';
import { type ResponsesRequest, responsesRequest } from '../../../contracts/v1/responses-request.ts';
import { failedCodeOf } from '../openai/error.ts';
import { begunResponse, responseOf } from './answer.ts';

/** Responses that are kept: the conversation they continue, and what is told of them later. Pure. */

const keptRequest = responsesRequest.omit({ input: true });

/** Returns what is stored of a request beside its conversation. */
export const keptOf = ({ input: _, ...response_request }: ResponsesRequest): Omit<KeptInput, 'chat'> => ({
  response_request,
});

/** Returns the request of a stored response; null for an execution of another API. */
export function requestOf({ response_request }: KeptInput): ResponsesRequest | null {
  const parsed = keptRequest.safeParse(response_request);
  return parsed.success ? ({ ...parsed.data, input: '' } as ResponsesRequest) : null;
}

const saidOf = ({
  text,
  tool_calls,
  reasoning,
  reasoning_details,
  extra_content,
  order,
}: KeptAnswer): ChatMessage => ({
  role: 'assistant',
  content: text === '' ? [] : [{ type: 'text', text }],
  ...(tool_calls.length > 0 && { tool_calls }),
  ...(reasoning !== undefined && { reasoning }),
  ...(reasoning_details !== undefined && { reasoning_details }),
  ...(extra_content !== undefined && { extra_content }),
  ...(order !== undefined && { order }),
});

/** Returns the conversation up to and with a stored response, without its instructions; null if it has no answer. */
export function conversationOf(input: KeptInput, { answer }: KeptOutput): ChatMessage[] | null {
  if (answer === null) return null;
  const { messages } = input.chat;
  const isInstructed = Boolean(requestOf(input)?.instructions);
  return [...(isInstructed ? messages.slice(1) : messages), saidOf(answer)];
}

/** The status of a response by that of its execution. */
export const statusesOfResponses = {
  running: 'in_progress',
  succeeded: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'failed',
} as const;

/** Returns a stored response, as far as it is; null for an execution of another API. */
export function storedResponse(
  execution: Execution,
  input: KeptInput,
  { answer }: KeptOutput,
): OpenAiResponse | null {
  const request = requestOf(input);
  if (request === null) return null;
  const asked = { request, store: true };
  const { id, model, created_at, status, error_code } = execution;
  if (status === 'succeeded' && answer !== null) {
    const { text: output_text, ...said } = answer;
    return responseOf({ ...execution, ...said, output_text }, asked);
  }
  const created_s = Math.floor(Date.parse(created_at) / 1_000);
  const failed = { code: failedCodeOf(error_code ?? ''), message: 'The execution did not succeed.' };
  const error = error_code === null ? null : failed;
  return {
    ...begunResponse({ execution_id: id, created_s, model }, asked),
    status: statusesOfResponses[status],
    error,
  };
}
