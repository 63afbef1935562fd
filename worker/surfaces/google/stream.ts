import type { CreateExecutionResponse } from '../../../contracts/api/executions.ts';
import type { ToolCall } from '../../../contracts/chat/chat.ts';
import type { GoogleAnswerPart, GoogleError } from '../../../contracts/v1beta/generate-content-answer.ts';
import type { ChatLiveEvent } from '../../executions/chat-task.ts';
import { callPart, type Head, lastPieceOf, pieceOf, signedPart, thoughtPart } from './answer.ts';

type ErrorEvent = Extract<ChatLiveEvent, { type: 'error' }>;

/** The form of a stream: server-sent events, or one JSON array whose items come one after the other. */
export type StreamForm = 'sse' | 'json';

/** The headers of a stream that is one JSON array. */
export const ARRAY_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

/** Keeps a silent array alive: white space is allowed between its items. */
export const ARRAY_KEEP_ALIVE = '\n';

/**
 * Writes one stream as pieces of an answer. A call is written when it is whole, since its arguments are an object. The last piece has the
 * end and the usage; a failure is an error in place of it.
 */
export class ContentEncoder {
  readonly #head: Head;
  readonly #form: StreamForm;
  readonly #errorOf: (event: ErrorEvent) => GoogleError;
  readonly #calls = new Map<number, ToolCall>();
  #hasBegun = false;

  constructor(head: Head, form: StreamForm, errorOf: (event: ErrorEvent) => GoogleError) {
    this.#head = head;
    this.#form = form;
    this.#errorOf = errorOf;
  }

  encode(event: ChatLiveEvent): string {
    switch (event.type) {
      case 'text':
        return this.#say([{ text: event.text }]);
      case 'reasoning':
        return this.#sayIfAny(thoughtPart(event, this.#head));
      case 'carried':
        return this.#sayIfAny(signedPart(event.extra_content));
      case 'tool_call': {
        const { index, id, name, extra_content } = event;
        this.#calls.set(index, {
          ...{ id, name, arguments: '' },
          ...(extra_content !== undefined && { extra_content }),
        });
        return '';
      }
      case 'tool_arguments':
        return this.#arguments(event.index, event.json);
      case 'input_told':
        return '';
      case 'error':
        return this.#write(this.#errorOf(event), true);
      case 'finished':
        return this.#end(event.executed.response);
    }
  }

  #arguments(index: number, json: string): string {
    const call = this.#calls.get(index);
    if (call !== undefined) call.arguments += json;
    return '';
  }

  #sayIfAny(part: GoogleAnswerPart | null): string {
    return part === null ? '' : this.#say([part]);
  }

  #say(parts: GoogleAnswerPart[]): string {
    return this.#write(pieceOf(this.#head, parts), false);
  }

  #end(execution: CreateExecutionResponse): string {
    const { status, id, refusal } = execution;
    if (status !== 'succeeded')
      return this.encode({ type: 'error', failure: { code: 'execution_over', execution_id: id } });
    const calls = [...this.#calls.values()].map(callPart);
    const explanation = refusal?.explanation ?? null;
    const parts = explanation === null ? calls : [...calls, { text: explanation }];
    // Google ends a stream with an empty text, and its SDKs read the parts of every piece.
    return this.#write(lastPieceOf(this.#head, parts.length > 0 ? parts : [{ text: '' }], execution), true);
  }

  #write(piece: object, isLast: boolean): string {
    const json = JSON.stringify(piece);
    if (this.#form === 'sse') return `data: ${json}\r\n\r\n`;
    const before = this.#hasBegun ? ',\r\n' : '[';
    this.#hasBegun = true;
    return `${before}${json}${isLast ? ']' : ''}`;
  }
}
