import type { CreateExecutionResponse } from '../../../contracts/api/executions.ts';
import type { Usage } from '../../../contracts/usage.ts';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  OpenAiUsage,
} from '../../../contracts/v1/chat-completions-answer.ts';
import type { ChatLiveEvent } from '../../executions/chat-task.ts';

/** Answers in OpenAI's format. Pure. */

const completionId = (executionId: string) => `chatcmpl-${executionId}`;
const secondsOf = (iso: string) => Math.floor(Date.parse(iso) / 1_000);

/** Converts usage. Our classes are disjoint; OpenAI's prompt tokens include cache reads and writes. */
export function usageOf(usage: Usage): OpenAiUsage {
  const prompt_tokens = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens;
  return {
    prompt_tokens,
    completion_tokens: usage.output_tokens,
    total_tokens: prompt_tokens + usage.output_tokens,
    prompt_tokens_details: { cached_tokens: usage.cache_read_tokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoning_tokens },
  };
}

/** Converts a finished execution to a chat completion. */
export function completionOf(execution: CreateExecutionResponse): ChatCompletion {
  const { output_text, tool_calls, usage } = execution;
  const calls = tool_calls.map(({ id, name, arguments: json }) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: json },
  }));
  return {
    id: completionId(execution.id),
    object: 'chat.completion',
    created: secondsOf(execution.created_at),
    model: execution.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: output_text === '' && calls.length > 0 ? null : output_text,
          refusal: null,
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: execution.finish_reason ?? 'stop',
      },
    ],
    ...(usage === null ? {} : { usage: usageOf(usage) }),
  };
}

type ChunkHead = { execution_id: string; model: string; created_s: number; include_usage: boolean };
type Choice = ChatCompletionChunk['choices'][number];
type Delta = Choice['delta'];

const eventText = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;

/**
 * Writes one stream as chat completion chunks: the role, the pieces, the finish reason, the usage if requested, and `[DONE]` only if the
 * answer is complete. An error is sent as an event in OpenAI's format.
 */
export class ChunkEncoder {
  readonly #head: ChunkHead;
  readonly #errorOf: (event: Extract<ChatLiveEvent, { type: 'error' }>) => unknown;
  #hasSpoken = false;

  constructor(head: ChunkHead, errorOf: (event: Extract<ChatLiveEvent, { type: 'error' }>) => unknown) {
    this.#head = head;
    this.#errorOf = errorOf;
  }

  encode(event: ChatLiveEvent): string {
    switch (event.type) {
      case 'text':
        return this.#delta({ content: event.text });
      case 'tool_call': {
        const { index, id, name } = event;
        const call = { index, id, type: 'function' as const, function: { name, arguments: '' } };
        // Content is null before any text, as in a complete answer without text.
        return this.#delta({ tool_calls: [call] }, null, null);
      }
      case 'tool_arguments':
        return this.#delta({ tool_calls: [{ index: event.index, function: { arguments: event.json } }] });
      case 'reasoning':
        return '';
      case 'error':
        return eventText(this.#errorOf(event));
      case 'finished':
        return this.#end(event.executed.response);
    }
  }

  #end({ id, status, finish_reason, usage }: CreateExecutionResponse): string {
    if (status !== 'succeeded')
      return this.encode({ type: 'error', failure: { code: 'execution_over', execution_id: id } });
    const last = this.#delta({}, finish_reason ?? 'stop');
    const counted =
      this.#head.include_usage && usage !== null
        ? eventText({ ...this.#frame([]), usage: usageOf(usage) })
        : '';
    return `${last}${counted}data: [DONE]\n\n`;
  }

  #delta(delta: Delta, finish_reason: Choice['finish_reason'] = null, content: '' | null = ''): string {
    const role = this.#hasSpoken ? '' : this.#choice({ role: 'assistant', content, refusal: null }, null);
    this.#hasSpoken = true;
    return role + this.#choice(delta, finish_reason);
  }

  #choice(delta: Delta, finish_reason: Choice['finish_reason']): string {
    return eventText(this.#frame([{ index: 0, delta, logprobs: null, finish_reason }]));
  }

  #frame(choices: Choice[]): ChatCompletionChunk {
    const { execution_id, model, created_s, include_usage } = this.#head;
    const head = {
      id: completionId(execution_id),
      object: 'chat.completion.chunk' as const,
      created: created_s,
      model,
    };
    return { ...head, choices, ...(include_usage ? { usage: null } : {}) };
  }
}
