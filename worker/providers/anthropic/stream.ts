import { z } from 'zod';
import type { AnswerRefusal } from '../../../contracts/chat/chat.ts';
import type { AppliedEdit } from '../../../contracts/chat/context-edits.ts';
import { endDetailsOf, readAppliedEdits, readRefusal } from '../chat/end-details.ts';
import { stopCauseOf } from '../chat/finish-reason.ts';
import { believedUsage, charsIn } from '../chat/said.ts';
import { fieldsOf } from '../metering/reported-usage.ts';
import type { StreamEvent } from '../provider.ts';
import { bodyError, isErrorText } from '../transport/body-error.ts';
import { invalidResponse } from '../transport/failure.ts';
import type { ServerSentEvent } from '../transport/server-sent-events.ts';
import {
  eventsOfCompletion,
  failed,
  jsonOf,
  type StreamReader,
  unreadable,
} from '../transport/stream-reader.ts';
import { endOfAnswer, readAnthropicInBandError, readMessage } from './answer.ts';
import { BlockReader } from './block-reader.ts';
import { mergeAnthropicUsage, readAnthropicUsage, readPromptUsage } from './usage.ts';

/** The parts of the message's start and end that are read. The rest is not needed to tell the answer. */
const messageStart = z.object({ usage: z.unknown() }).catch({ usage: null });
const messageEnd = z
  .object({
    stop_reason: z.string().nullish(),
    stop_sequence: z.string().nullish(),
    stop_details: z.unknown().optional(),
    usage: z.unknown().optional(),
  })
  .catch({ usage: null });

/** True for what some servers send to keep a connection alive: no JSON, or an object without content. */
const isKeepAlive = (data: string): boolean => !data.trimStart().startsWith('{');

/** The usage in an event, by the name that Anthropic or Bedrock gives it. */
const usageIn = (fields: Record<string, unknown>): unknown =>
  fields.usage ?? fields['amazon-bedrock-invocationMetrics'];

/**
 * Reads a stream of Anthropic's messages. The type of an event is in its data, since some servers omit the event's name. Usage
 * arrives in two parts: the prompt's at the start, and the answer's at the end, which may correct the first. An answer without a
 * stop reason is whole if the server says so and has said something. An event that is no JSON is passed over, and the answer fails if
 * it cannot be told without it.
 */
class MessageReader {
  readonly #blocks = new BlockReader();
  #usage: Record<string, unknown> = {};
  #stop_reason: string | null = null;
  #stop_sequence: string | null = null;
  #refusal: AnswerRefusal | undefined;
  #applied_edits: AppliedEdit[] | undefined;
  #spoke = false;
  #said_chars = 0;
  #unread: string | null = null;

  read({ event, data }: ServerSentEvent): StreamEvent[] {
    const json = jsonOf(data);
    const fields = fieldsOf(json) ?? {};
    const isError = event === 'error' || (json === undefined && isErrorText(data));
    const error = bodyError(fields) ?? (isError ? (json ?? data) : undefined);
    if (error !== undefined) return [failed(readAnthropicInBandError(error))];
    if (json === undefined) return isKeepAlive(data) ? [] : this.#skip('An event is not JSON');
    const events = this.#readTyped(typeof fields.type === 'string' ? fields.type : (event ?? ''), fields);
    this.#spoke ||= events.some(
      ({ type }) => type === 'text' || type === 'reasoning' || type === 'tool_call',
    );
    this.#said_chars += charsIn(events);
    return events;
  }

  /** The end of a body without `message_stop`. Null if no reason for its end was told. */
  end(): StreamEvent | null {
    if (this.#stop_reason !== null) return this.#end();
    return this.#unread === null ? null : failed(invalidResponse(this.#unread));
  }

  #skip(message: string): StreamEvent[] {
    this.#unread ??= message;
    return [];
  }

  #readTyped(type: string, fields: Record<string, unknown>): StreamEvent[] {
    switch (type) {
      case 'message_start':
        return this.#begun(fields.message);
      case 'content_block_start':
        return this.#blocks.start(fields) ?? unreadable('The start of a block cannot be read');
      case 'content_block_delta':
        return this.#blocks.delta(fields) ?? unreadable('A block does not go on as one');
      case 'content_block_stop':
        return this.#blocks.stop(fields);
      case 'message_delta':
        return this.#ending(fields);
      case 'message_stop': {
        const events = this.#ending({ ...fields, delta: fields });
        const last = this.#blocks.stopAll();
        this.#spoke ||= last.length > 0;
        return [...events, ...last, this.#end()];
      }
      case 'message':
        return this.#whole(fields);
      default:
        // `ping`, and types that later versions may add.
        return [];
    }
  }

  #begun(message: unknown): StreamEvent[] {
    const told = messageStart.parse(message).usage;
    // The output count at the start is one token. Only the last report has the whole count.
    this.#usage = mergeAnthropicUsage(this.#usage, { ...fieldsOf(told), output_tokens: null });
    const prompt = readPromptUsage(told);
    return prompt === null ? [] : [{ type: 'input_told', usage: prompt }];
  }

  #ending(fields: Record<string, unknown>): StreamEvent[] {
    const end = messageEnd.parse(fields.delta);
    this.#stop_reason = end.stop_reason || this.#stop_reason;
    this.#stop_sequence = end.stop_sequence || this.#stop_sequence;
    this.#refusal = readRefusal(end.stop_details) ?? this.#refusal;
    this.#applied_edits = readAppliedEdits(fields.context_management) ?? this.#applied_edits;
    this.#usage = mergeAnthropicUsage(this.#usage, usageIn(fields) ?? end.usage);
    return this.#stop_reason === null ? [] : this.#blocks.stopAll();
  }

  /** A whole message in one event, as gateways send it in place of a stream. */
  #whole(fields: Record<string, unknown>): StreamEvent[] {
    if (this.#spoke || !Array.isArray(fields.content) || fields.content.length === 0) return [];
    const whole = readMessage(fields);
    return whole.ok ? eventsOfCompletion(whole.completion) : [failed(whole.failure)];
  }

  #end(): StreamEvent {
    const spoke = this.#spoke;
    const calls = this.#blocks.calls;
    if (this.#unread !== null && (!spoke || this.#blocks.isUnfinished))
      return failed(invalidResponse(this.#unread));
    const usage = readAnthropicUsage(this.#usage, { spoke });
    const end = endOfAnswer({ stop_reason: this.#stop_reason, spoke, calls, usage });
    if (typeof end === 'object') return failed(end);
    return {
      type: 'done',
      finish_reason: end,
      usage: believedUsage(usage, this.#said_chars),
      ...endDetailsOf({
        stop_sequence: this.#stop_sequence ?? undefined,
        stop_cause: stopCauseOf(this.#stop_reason),
        refusal: this.#refusal,
        applied_edits: this.#applied_edits,
      }),
    };
  }
}

/** A reader for one stream. */
export function readMessageStream(): StreamReader<ServerSentEvent> {
  const message = new MessageReader();
  return { read: (event) => message.read(event), end: () => message.end() };
}
