import type { TextAnswer } from '../http.ts';
import type { ToolCall } from './case.ts';

/** An answer of the gateway, in the terms of a right outcome. */
export type Said = {
  status: number;
  error_code: string | null;
  error_text: string;
  retry_after_s: number | null;
  text: string;
  reasoning: string;
  tool_calls: ToolCall[];
  arguments_texts: string[];
  finish_reason: string | null;
  stop_sequence: string | null;
  input_tokens_at_start: number | null;
  streamed: boolean;
  raw_separators: boolean;
  /** Events of comments alone, at which strict readers of streams break off. */
  events_without_data: number;
  done: boolean;
};

/** Untyped JSON of an answer. */
type Json = ReturnType<typeof JSON.parse>;

type Call = { id?: string; index?: number; name: string; text: string };

/** The parts of an answer, gathered from its pieces. */
type Gathered = Pick<
  Said,
  'text' | 'reasoning' | 'finish_reason' | 'stop_sequence' | 'input_tokens_at_start'
> & { calls: Map<number, Call>; error: Json; done: boolean };

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return { unreadable: text };
  }
};

/** Returns the data of each complete event. */
const eventsOf = (text: string): string[] =>
  text
    .split('\n\n')
    .map((event) =>
      event
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice('data: '.length))
        .join('\n'),
    )
    .filter((data) => data !== '');

const withoutData = (text: string): number =>
  text.split('\n\n').filter((event) => event !== '' && !/^data:/m.test(event)).length;

function gatherCall(calls: Map<number, Call>, at: number, delta: Json): void {
  const known: Call = calls.get(at) ?? { name: '', text: '' };
  calls.set(at, {
    ...known,
    ...(delta.id == null ? {} : { id: delta.id }),
    ...(delta.index === undefined ? {} : { index: delta.index }),
    name: known.name + (delta.function?.name ?? ''),
    text: known.text + (delta.function?.arguments ?? ''),
  });
}

/** Reads a chat completion or one of its chunks. */
function gatherChat(to: Gathered, said: Json): void {
  if (said.error) to.error = said.error;
  const [choice] = said.choices ?? [];
  if (choice === undefined) return;
  const message = choice.delta ?? choice.message ?? {};
  to.text += message.content ?? '';
  to.reasoning += message.reasoning_content ?? message.reasoning ?? '';
  to.finish_reason = choice.finish_reason ?? to.finish_reason;
  for (const [place, call] of (message.tool_calls ?? []).entries())
    gatherCall(to.calls, call.index ?? place, call);
}

function gatherBlock(to: Gathered, index: number, block: Json): void {
  if (block.type === 'text') to.text += block.text;
  if (block.type === 'thinking') to.reasoning += block.thinking;
  if (block.type !== 'tool_use') return;
  const input = Object.keys(block.input).length === 0 ? '' : JSON.stringify(block.input);
  to.calls.set(index, { id: block.id, name: block.name, text: input });
}

/** Reads a message or one event of its stream. */
function gatherMessage(to: Gathered, said: Json): void {
  const { delta = {} } = said;
  if (said.type === 'error') to.error = said.error;
  if (said.type === 'message_stop') to.done = true;
  if (said.type === 'message_start') to.input_tokens_at_start = said.message.usage.input_tokens;
  for (const [index, block] of (said.content ?? []).entries()) gatherBlock(to, index, block);
  if (said.type === 'content_block_start') gatherBlock(to, said.index, said.content_block);
  to.text += delta.text ?? '';
  to.reasoning += delta.thinking ?? '';
  if (delta.partial_json !== undefined)
    gatherCall(to.calls, said.index, { function: { arguments: delta.partial_json } });
  to.finish_reason = said.stop_reason ?? delta.stop_reason ?? to.finish_reason;
  to.stop_sequence = said.stop_sequence ?? delta.stop_sequence ?? to.stop_sequence;
}

/** Reads an answer of /v1/chat/completions or /v1/messages, streamed or in one piece, complete or not. */
export function readAnswer({ status, headers, text }: TextAnswer, surface: 'chat' | 'messages'): Said {
  const streamed = headers['content-type']?.startsWith('text/event-stream') === true;
  const to: Gathered = {
    ...{ text: '', reasoning: '', finish_reason: null, stop_sequence: null, input_tokens_at_start: null },
    ...{ calls: new Map(), error: null, done: false },
  };
  for (const data of streamed ? eventsOf(text) : [text]) {
    if (data === '[DONE]') to.done = true;
    else if (surface === 'chat') gatherChat(to, parsed(data));
    else gatherMessage(to, parsed(data));
  }
  const { calls, error, ...rest } = to;
  return {
    ...rest,
    ...{ status, streamed, raw_separators: /[\u2028\u2029]/.test(text) },
    events_without_data: streamed ? withoutData(text) : 0,
    error_code: error?.code ?? null,
    error_text: error === null ? '' : JSON.stringify(error),
    retry_after_s: headers['retry-after'] === undefined ? null : Number(headers['retry-after']),
    tool_calls: [...calls.values()].map(({ text: args, ...call }) => ({
      ...call,
      arguments: args === '' ? {} : parsed(args),
    })),
    arguments_texts: [...calls.values()].map((call) => call.text),
  };
}
