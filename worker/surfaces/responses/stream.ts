import type { CreateExecutionResponse } from '../../../contracts/api/executions.ts';
import type { ReasoningPart, ToolCall } from '../../../contracts/chat/chat.ts';
import type { ErrorResponse } from '../../../contracts/errors.ts';
import type { ResponseOutputItem } from '../../../contracts/v1/responses-items.ts';
import type { ChatLiveEvent } from '../../executions/chat-task.ts';
import { failedCodeOf } from '../openai/error.ts';
import {
  type Asked,
  begunResponse,
  callItem,
  idOfItem,
  messageItem,
  reasoningItem,
  refusalItem,
  responseOf,
  type Status,
  statusOfItem,
} from './answer.ts';
import {
  callEnded,
  type Event,
  itemEvent,
  messageStarted,
  refused,
  summaryEnded,
  textEnded,
} from './stream-events.ts';
import { isCustom, type Toolbox, toolboxOf } from './tools.ts';

type ErrorEvent = Extract<ChatLiveEvent, { type: 'error' }>;
type CallEvent = Extract<ChatLiveEvent, { type: 'tool_call' }>;

/** The item that is being written. Several calls can be open at once; all other items are written one after the other. */
type Open = { item: ResponseOutputItem; index: number; said: string; reasoning?: ReasoningPart };

type Head = { execution_id: string; created_s: number; model: string; asked: Asked };

/**
 * Writes one stream as the events of OpenAI's Responses API: the response, item after item, and the whole response at the end. A failure is
 * `response.failed`.
 */
export class ResponseEncoder {
  readonly #head: Head;
  readonly #errorOf: (event: ErrorEvent) => ErrorResponse['error'];
  readonly #toolbox: Toolbox;
  readonly #calls = new Map<number, { open: Open; call: ToolCall }>();
  readonly #done: ResponseOutputItem[] = [];
  #open: Open | null = null;
  #items = 0;
  #sequence = 0;
  #hasBegun = false;

  constructor(head: Head, errorOf: (event: ErrorEvent) => ErrorResponse['error']) {
    this.#head = head;
    this.#errorOf = errorOf;
    this.#toolbox = toolboxOf(head.asked.request);
  }

  encode(event: ChatLiveEvent): string {
    switch (event.type) {
      case 'text':
        return this.#text(event.text);
      case 'reasoning':
        return this.#reasoning(event);
      case 'tool_call':
        return this.#call(event);
      case 'tool_arguments':
        return this.#arguments(event.index, event.json);
      case 'input_told':
      case 'carried':
        return '';
      case 'error':
        return this.#fail(event);
      case 'finished':
        return this.#end(event.executed.response);
    }
  }

  #write(...events: Event[]): string {
    const begun = this.#hasBegun ? '' : this.#begin();
    return begun + events.map((event) => this.#numbered(event)).join('');
  }

  #numbered({ type, ...fields }: Event): string {
    const event = { type, sequence_number: this.#sequence++, ...fields };
    return `event: ${type}\ndata: ${JSON.stringify(event)}\n\n`;
  }

  #begin(): string {
    this.#hasBegun = true;
    const response = begunResponse(this.#head, this.#head.asked);
    return (
      this.#numbered({ type: 'response.created', response }) +
      this.#numbered({ type: 'response.in_progress', response })
    );
  }

  #idOf(type: ResponseOutputItem['type'], index: number): string {
    return idOfItem(type, this.#head.execution_id, index);
  }

  #text(text: string): string {
    const started = this.#open?.item.type === 'message' ? '' : this.#startMessage();
    const open = this.#opened('message');
    open.said += text;
    const place = { item_id: open.item.id, output_index: open.index, content_index: 0 };
    return started + this.#write({ type: 'response.output_text.delta', ...place, delta: text, logprobs: [] });
  }

  #startMessage(): string {
    const closed = this.#close();
    const index = this.#items++;
    const id = this.#idOf('message', index);
    this.#open = { item: messageItem('', id, 'in_progress'), index, said: '' };
    return closed + this.#write(...messageStarted(index, id));
  }

  #reasoning({ text, signature, encrypted }: ReasoningPart): string {
    // A signature ends a piece of reasoning, and an encrypted piece is one of its own.
    const isNew =
      this.#open?.item.type !== 'reasoning' ||
      this.#open.reasoning?.signature !== undefined ||
      this.#open.reasoning?.encrypted !== undefined ||
      encrypted !== undefined;
    const started = isNew ? this.#startReasoning() : '';
    const open = this.#opened('reasoning');
    open.said += text;
    open.reasoning = {
      text: open.said,
      ...(signature !== undefined && { signature }),
      ...(encrypted !== undefined && { encrypted }),
    };
    if (text === '') return started;
    const place = { item_id: open.item.id, output_index: open.index, summary_index: 0 };
    const first =
      open.said === text
        ? [
            {
              type: 'response.reasoning_summary_part.added' as const,
              ...place,
              part: { type: 'summary_text' as const, text: '' },
            },
          ]
        : [];
    return (
      started +
      this.#write(...first, { type: 'response.reasoning_summary_text.delta', ...place, delta: text })
    );
  }

  #startReasoning(): string {
    const closed = this.#close();
    const index = this.#items++;
    const reasoning = { text: '' };
    const item = reasoningItem(reasoning, this.#idOf('reasoning', index), this.#head.asked);
    this.#open = { item, index, said: '', reasoning };
    return closed + this.#write(itemEvent('added', index, item));
  }

  #call({ index: number, id, name }: CallEvent): string {
    const closed = this.#close();
    const index = this.#items++;
    const call = { id, name, arguments: '' };
    const type = isCustom(this.#toolbox, name) ? 'custom_tool_call' : 'function_call';
    const item = callItem(call, this.#idOf(type, index), this.#toolbox, 'in_progress');
    this.#calls.set(number, { open: { item, index, said: '' }, call });
    return closed + this.#write(itemEvent('added', index, item));
  }

  #arguments(number: number, json: string): string {
    const called = this.#calls.get(number);
    if (called === undefined) return '';
    called.open.said += json;
    // The text of a custom tool is inside its argument, and is sent when it is whole.
    if (called.open.item.type === 'custom_tool_call') return '';
    const place = { item_id: called.open.item.id, output_index: called.open.index };
    return this.#write({ type: 'response.function_call_arguments.delta', ...place, delta: json });
  }

  #opened(type: ResponseOutputItem['type']): Open {
    if (this.#open?.item.type !== type) throw new Error(`No ${type} is open`);
    return this.#open;
  }

  /** Ends the message or the reasoning that is open. The status is that of the answer, which ends with it or goes on. */
  #close(status: Status = 'completed'): string {
    const open = this.#open;
    this.#open = null;
    if (open === null) return '';
    const { item, index, said, reasoning } = open;
    if (reasoning !== undefined) {
      const whole = reasoningItem(reasoning, item.id, this.#head.asked);
      return this.#write(...summaryEnded(index, item.id, said), this.#ended(index, whole));
    }
    const whole = messageItem(said, item.id, statusOfItem(status, this.#isLast(index)));
    return this.#write(...textEnded(index, item.id, said), this.#ended(index, whole));
  }

  #isLast(index: number): boolean {
    return index === this.#items - 1;
  }

  #ended(index: number, item: ResponseOutputItem): Event {
    this.#done[index] = item;
    return itemEvent('done', index, item);
  }

  #closeCalls(status: Status): string {
    return [...this.#calls.values()].map(({ open, call }) => this.#closeCall(open, call, status)).join('');
  }

  #closeCall({ item: { id }, index, said }: Open, call: ToolCall, status: Status): string {
    const itemStatus = statusOfItem(status, this.#isLast(index), said);
    const item = callItem({ ...call, arguments: said }, id, this.#toolbox, itemStatus);
    return this.#write(...callEnded(index, item), this.#ended(index, item));
  }

  #refuse(explanation: string): string {
    const index = this.#items++;
    const item = refusalItem(explanation, this.#idOf('message', index));
    this.#done[index] = item;
    return this.#write(...refused(index, item, explanation));
  }

  #fail(event: ErrorEvent): string {
    const { code, message } = this.#errorOf(event);
    const response = { ...begunResponse(this.#head, this.#head.asked), status: 'failed' as const };
    const error = { code: failedCodeOf(code), message };
    return this.#write({ type: 'response.failed', response: { ...response, error } });
  }

  #end(execution: CreateExecutionResponse): string {
    const { status, id, refusal } = execution;
    if (status !== 'succeeded')
      return this.#fail({ type: 'error', failure: { code: 'execution_over', execution_id: id } });
    const whole = responseOf(execution, this.#head.asked);
    const itemStatus = whole.status === 'incomplete' ? 'incomplete' : 'completed';
    const closed = this.#close(itemStatus) + this.#closeCalls(itemStatus);
    const explanation = refusal?.explanation ?? null;
    const explained = explanation === null ? '' : this.#refuse(explanation);
    // The items as they were sent.
    const response = { ...whole, output: [...this.#done] };
    const type = whole.status === 'incomplete' ? 'response.incomplete' : 'response.completed';
    return closed + explained + this.#write({ type, response });
  }
}
