import type { CreateExecutionResponse } from '../../../contracts/api/executions.ts';
import type { Usage } from '../../../contracts/usage.ts';
import type {
  AnthropicError,
  AnthropicMessage,
  AnthropicUsage,
  MessageStreamEvent,
} from '../../../contracts/v1/messages-answer.ts';
import type { ChatLiveEvent } from '../../executions/chat-task.ts';
import { argumentsObject } from '../../providers/chat/tool-calls.ts';
import { BlockWriter } from './blocks.ts';

/** Answers in Anthropic's format. Pure. */

const messageId = (executionId: string) => `msg_${executionId}`;

const stopReasons = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
} as const;

const stopReasonOf = ({ finish_reason }: Pick<CreateExecutionResponse, 'finish_reason'>) =>
  stopReasons[finish_reason ?? 'stop'];

const nothingUsed: Usage = {
  input_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
};

/** Converts usage. Both have disjoint classes; only the names differ. */
export const anthropicUsageOf = (usage: Usage): AnthropicUsage => ({
  input_tokens: usage.input_tokens,
  cache_creation_input_tokens: usage.cache_write_tokens,
  cache_read_input_tokens: usage.cache_read_tokens,
  output_tokens: usage.output_tokens,
  output_tokens_details: { thinking_tokens: usage.reasoning_tokens },
});

/** Converts a finished execution to a message. */
export function messageOf(execution: CreateExecutionResponse): AnthropicMessage {
  const { id, model, output_text, tool_calls, usage } = execution;
  return {
    id: messageId(id),
    type: 'message',
    role: 'assistant',
    model,
    content: [
      ...(output_text === '' ? [] : [{ type: 'text' as const, text: output_text, citations: null }]),
      ...tool_calls.map((call) => ({
        type: 'tool_use' as const,
        id: call.id,
        name: call.name,
        input: argumentsObject(call.arguments),
      })),
    ],
    stop_reason: stopReasonOf(execution),
    stop_sequence: null,
    usage: anthropicUsageOf(usage ?? nothingUsed),
  };
}

type ErrorEvent = Extract<ChatLiveEvent, { type: 'error' }>;

const eventText = (event: MessageStreamEvent) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const written = (events: MessageStreamEvent[]) => events.map(eventText).join('');

/**
 * Writes one stream as Anthropic's events: the start, block after block, the stop reason with the usage, and `message_stop` only if the
 * answer is complete. The usage of the prompt is known only at the end, so it is zero in the start. An error is sent as an event.
 */
export class MessageEncoder {
  readonly #head: { execution_id: string; model: string };
  readonly #errorOf: (event: ErrorEvent) => AnthropicError;
  readonly #blocks = new BlockWriter();
  #hasBegun = false;

  constructor(head: { execution_id: string; model: string }, errorOf: (event: ErrorEvent) => AnthropicError) {
    this.#head = head;
    this.#errorOf = errorOf;
  }

  encode(event: ChatLiveEvent): string {
    switch (event.type) {
      case 'text':
        return this.#begin() + written(this.#blocks.text(event.text));
      case 'tool_call':
        return this.#begin() + written(this.#blocks.call(event));
      case 'tool_arguments':
        return this.#begin() + written(this.#blocks.callArguments(event));
      case 'reasoning':
        return '';
      case 'error':
        return eventText(this.#errorOf(event));
      case 'finished':
        return this.#end(event.executed.response);
    }
  }

  #begin(): string {
    if (this.#hasBegun) return '';
    this.#hasBegun = true;
    const { execution_id, model } = this.#head;
    const message: AnthropicMessage = {
      id: messageId(execution_id),
      type: 'message',
      role: 'assistant',
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: anthropicUsageOf(nothingUsed),
    };
    return eventText({ type: 'message_start', message }) + eventText({ type: 'ping' });
  }

  #end(execution: CreateExecutionResponse): string {
    if (execution.status !== 'succeeded')
      return this.encode({
        type: 'error',
        failure: { code: 'execution_over', execution_id: execution.id },
      });
    const delta = { stop_reason: stopReasonOf(execution), stop_sequence: null };
    const usage = anthropicUsageOf(execution.usage ?? nothingUsed);
    const last = { type: 'message_delta' as const, delta, usage };
    return this.#begin() + written(this.#blocks.end()) + written([last, { type: 'message_stop' }]);
  }
}
