import type { CreateExecutionResponse } from '../../../contracts/api/executions.ts';
import {
  answerTokensOf,
  cacheWriteTokensOf,
  tokensOf,
  uncachedTokensOf,
} from '../../../contracts/catalog/price.ts';
import type { EndDetails, ReasoningPart, ToolCall } from '../../../contracts/chat/chat.ts';
import type { Usage } from '../../../contracts/usage.ts';
import type {
  AnthropicError,
  AnthropicMessage,
  AnthropicUsage,
  MessageStreamEvent,
} from '../../../contracts/v1/messages-answer.ts';
import type { ChatLiveEvent } from '../../executions/chat-task.ts';
import { blocksInOrder } from '../../providers/chat/order.ts';
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

type End = Pick<CreateExecutionResponse, 'finish_reason' | keyof EndDetails>;
type Stop = Pick<AnthropicMessage, 'stop_reason' | 'stop_sequence' | 'stop_details'>;

const noStop: Stop = { stop_reason: null, stop_sequence: null, stop_details: null };

/** Returns the stop reason, with the sequence that ended the answer and the reason of a refusal where the provider told them. */
function stopOf({ finish_reason, stop_sequence, stop_cause, refusal }: End): Stop {
  const stop_reason = stopReasons[finish_reason ?? 'stop'];
  const stopped = { ...noStop, stop_reason };
  switch (stop_reason) {
    case 'end_turn':
      if (stop_sequence !== undefined) return { ...noStop, stop_reason: 'stop_sequence', stop_sequence };
      return stop_cause === 'pause' ? { ...noStop, stop_reason: 'pause_turn' } : stopped;
    case 'max_tokens':
      return stop_cause === 'context_window'
        ? { ...noStop, stop_reason: 'model_context_window_exceeded' }
        : stopped;
    case 'refusal':
      return refusal === undefined ? stopped : { ...stopped, stop_details: { type: 'refusal', ...refusal } };
    default:
      return stopped;
  }
}

const nothingUsed: Usage = {
  input_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
};

/** The edits of the conversation, where the provider told them. */
const editsOf = ({ applied_edits }: Pick<End, 'applied_edits'>) =>
  applied_edits === undefined ? {} : { context_management: { applied_edits } };

/** Converts usage. Both have disjoint classes; Anthropic has none for images and audio. */
export const anthropicUsageOf = (usage: Usage): AnthropicUsage => ({
  input_tokens: uncachedTokensOf(usage),
  cache_creation_input_tokens: cacheWriteTokensOf(usage),
  cache_creation: {
    ephemeral_5m_input_tokens: usage.cache_write_tokens,
    ephemeral_1h_input_tokens: tokensOf(usage, 'cache_write_1h'),
  },
  cache_read_input_tokens: usage.cache_read_tokens,
  output_tokens: answerTokensOf(usage),
  output_tokens_details: { thinking_tokens: usage.reasoning_tokens },
});

/** The usage of the prompt alone. */
const promptUsageOf = ({
  output_image_tokens: _image,
  output_audio_tokens: _audio,
  ...prompt
}: Usage): AnthropicUsage => anthropicUsageOf({ ...prompt, output_tokens: 0, reasoning_tokens: 0 });

/** True for reasoning that the client has to send back, whether it asked for thinking or not. */
const isReturned = ({ signature, encrypted }: ReasoningPart): boolean =>
  Boolean(signature) || encrypted !== undefined;

const thinkingBlock = ({ text, signature = '', encrypted }: ReasoningPart) =>
  encrypted === undefined
    ? { type: 'thinking' as const, thinking: text, signature }
    : { type: 'redacted_thinking' as const, data: encrypted };

const toolUseBlock = ({ id, name, arguments: json }: ToolCall) => ({
  type: 'tool_use' as const,
  id,
  name,
  input: argumentsObject(json),
});

/**
 * Converts a finished execution to a message. Reasoning that no provider signed is shown only to clients that asked for thinking, with
 * an empty signature.
 */
export function messageOf(
  execution: CreateExecutionResponse,
  { asks_thinking }: { asks_thinking: boolean },
): AnthropicMessage {
  const { id, model, output_text, tool_calls, reasoning = [], order, usage } = execution;
  const texts = [{ text: output_text }];
  const blocks = blocksInOrder({ reasoning, texts, calls: tool_calls.length, order });
  return {
    id: messageId(id),
    type: 'message',
    role: 'assistant',
    model,
    content: blocks.flatMap((block): AnthropicMessage['content'] => {
      if (block.type === 'reasoning') {
        const isShown = asks_thinking || isReturned(block.reasoning);
        return isShown ? [thinkingBlock(block.reasoning)] : [];
      }
      if (block.type === 'text') return [{ type: 'text', text: block.text.text, citations: null }];
      return tool_calls.slice(block.call, block.call + 1).map(toolUseBlock);
    }),
    ...stopOf(execution),
    ...editsOf(execution),
    usage: anthropicUsageOf(usage ?? nothingUsed),
  };
}

type ErrorEvent = Extract<ChatLiveEvent, { type: 'error' }>;

const eventText = (event: MessageStreamEvent) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const written = (events: MessageStreamEvent[]) => events.map(eventText).join('');

/** An event that keeps a silent stream alive. Clients know it and pass over it. */
export const MESSAGE_KEEP_ALIVE = eventText({ type: 'ping' });

/** The parts of a message that are known before its answer. `promptUsage` estimates the usage of the prompt. */
type Head = { execution_id: string; model: string; asks_thinking: boolean; promptUsage: () => Usage };

/**
 * Writes one stream as Anthropic's events: the start, block after block, the stop reason with the usage, and `message_stop` only if the
 * answer is complete. The start has the usage of the prompt as the provider told it by then, else an estimate. An error is sent as an event.
 */
export class MessageEncoder {
  readonly #head: Head;
  readonly #errorOf: (event: ErrorEvent) => AnthropicError;
  readonly #blocks = new BlockWriter();
  #hasBegun = false;
  #told: Usage | null = null;
  /** Reasoning of a client that did not ask for thinking. It is sent if the provider signs it, and dropped otherwise. */
  #unsigned = '';

  constructor(head: Head, errorOf: (event: ErrorEvent) => AnthropicError) {
    this.#head = head;
    this.#errorOf = errorOf;
  }

  encode(event: ChatLiveEvent): string {
    switch (event.type) {
      case 'text':
        return this.#content(this.#blocks.text(event.text));
      case 'tool_call':
        return this.#content(this.#blocks.call(event));
      case 'tool_arguments':
        return this.#content(this.#blocks.callArguments(event));
      case 'reasoning':
        return this.#reasoning(event);
      case 'input_told':
        this.#told = event.usage;
        return '';
      case 'carried':
        return '';
      case 'error':
        return eventText(this.#errorOf(event));
      case 'finished':
        return this.#end(event.executed.response);
    }
  }

  #content(events: MessageStreamEvent[]): string {
    this.#unsigned = '';
    return this.#begin() + written(events);
  }

  #reasoning({ text, signature, encrypted }: ReasoningPart): string {
    if (this.#head.asks_thinking)
      return this.#content(this.#blocks.reasoning({ text, signature, encrypted }));
    const whole = this.#unsigned + text;
    if (isReturned({ text, signature, encrypted }))
      return this.#content(
        this.#blocks.reasoning({ text: encrypted === undefined ? whole : '', signature, encrypted }),
      );
    this.#unsigned = whole;
    return '';
  }

  #begin(): string {
    if (this.#hasBegun) return '';
    this.#hasBegun = true;
    const { execution_id, model, promptUsage } = this.#head;
    const message: AnthropicMessage = {
      id: messageId(execution_id),
      type: 'message',
      role: 'assistant',
      model,
      content: [],
      ...noStop,
      usage: promptUsageOf(this.#told ?? promptUsage()),
    };
    return eventText({ type: 'message_start', message }) + eventText({ type: 'ping' });
  }

  #end(execution: CreateExecutionResponse): string {
    if (execution.status !== 'succeeded')
      return this.encode({
        type: 'error',
        failure: { code: 'execution_over', execution_id: execution.id },
      });
    const delta = stopOf(execution);
    const { cache_creation: _lifetime, ...usage } = anthropicUsageOf(execution.usage ?? nothingUsed);
    const last = { type: 'message_delta' as const, delta, ...editsOf(execution), usage };
    return this.#begin() + written(this.#blocks.end()) + written([last, { type: 'message_stop' }]);
  }
}
