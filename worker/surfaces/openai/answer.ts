import type { CreateExecutionResponse } from '../../../contracts/api/executions.ts';
import { answerTokensOf, promptTokensOf } from '../../../contracts/catalog/price.ts';
import type { AnswerExtras, ReasoningPart } from '../../../contracts/chat/chat.ts';
import type { Usage } from '../../../contracts/usage.ts';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  OpenAiUsage,
} from '../../../contracts/v1/chat-completions-answer.ts';
import type { ChatLiveEvent } from '../../executions/chat-task.ts';
import { detailOf, detailsOf } from '../../providers/chat/reasoning-details.ts';

/** Answers in OpenAI's format. Pure. */

const completionId = (executionId: string) => `chatcmpl-${executionId}`;
const secondsOf = (iso: string) => Math.floor(Date.parse(iso) / 1_000);

/** The tokens of images and audio, where there are any. */
const mediaOf = (image_tokens: number | undefined, audio_tokens: number | undefined) => ({
  ...(image_tokens !== undefined && { image_tokens }),
  ...(audio_tokens !== undefined && { audio_tokens }),
});

/** Converts usage. Our classes are disjoint; OpenAI's prompt and completion tokens include the others. */
export function usageOf(usage: Usage): OpenAiUsage {
  const prompt_tokens = promptTokensOf(usage);
  const completion_tokens = answerTokensOf(usage);
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    prompt_tokens_details: {
      cached_tokens: usage.cache_read_tokens,
      ...mediaOf(usage.input_image_tokens, usage.input_audio_tokens),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning_tokens,
      ...mediaOf(usage.output_image_tokens, usage.output_audio_tokens),
    },
  };
}

/** Converts what an answer has beside its text. */
function extrasOf({ reasoning = [], reasoning_details, extra_content }: AnswerExtras) {
  const reasoning_content = reasoning.map(({ text }) => text).join('');
  const details = reasoning_details ?? detailsOf(reasoning);
  return {
    ...(reasoning_content !== '' && { reasoning_content }),
    ...(details !== undefined && { reasoning_details: details }),
    ...(extra_content !== undefined && { extra_content }),
  };
}

/** Converts a finished execution to a chat completion. */
export function completionOf(execution: CreateExecutionResponse): ChatCompletion {
  const { output_text, tool_calls, usage } = execution;
  const calls = tool_calls.map(({ id, name, arguments: json, extra_content }) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: json },
    ...(extra_content !== undefined && { extra_content }),
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
          refusal: execution.refusal?.explanation ?? null,
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
          ...extrasOf(execution),
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
  /** The reasoning of the piece that no signature has ended, and the number of pieces that one has. */
  #reasoned = '';
  #details = 0;

  constructor(head: ChunkHead, errorOf: (event: Extract<ChatLiveEvent, { type: 'error' }>) => unknown) {
    this.#head = head;
    this.#errorOf = errorOf;
  }

  encode(event: ChatLiveEvent): string {
    switch (event.type) {
      case 'text':
        return this.#delta({ content: event.text });
      case 'tool_call': {
        const { index, id, name, extra_content } = event;
        const call = {
          index,
          id,
          type: 'function' as const,
          function: { name, arguments: '' },
          ...(extra_content !== undefined && { extra_content }),
        };
        // Content is null before any text, as in a complete answer without text.
        return this.#delta({ tool_calls: [call] }, null, null);
      }
      case 'tool_arguments':
        return this.#delta({ tool_calls: [{ index: event.index, function: { arguments: event.json } }] });
      case 'reasoning':
        return this.#delta(this.#reasoningDelta(event), null, null);
      case 'carried': {
        const { type: _type, ...fields } = event;
        return this.#delta(fields, null, null);
      }
      case 'input_told':
        return '';
      case 'error':
        return eventText(this.#errorOf(event));
      case 'finished':
        return this.#end(event.executed.response);
    }
  }

  /** Reasoning, and its signature as a detail: clients of this API send details back. A signature ends a piece of reasoning. */
  #reasoningDelta({ text, signature, encrypted }: ReasoningPart): Delta {
    this.#reasoned += text;
    if (signature === undefined && encrypted === undefined) return { reasoning_content: text };
    const detail = detailOf({ text: this.#reasoned, signature, encrypted }, this.#details);
    this.#details += 1;
    this.#reasoned = '';
    return { ...(text !== '' && { reasoning_content: text }), reasoning_details: [detail] };
  }

  #end({ id, status, finish_reason, refusal, usage }: CreateExecutionResponse): string {
    if (status !== 'succeeded')
      return this.encode({ type: 'error', failure: { code: 'execution_over', execution_id: id } });
    const explanation = refusal?.explanation ?? null;
    const last = this.#delta(explanation === null ? {} : { refusal: explanation }, finish_reason ?? 'stop');
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
