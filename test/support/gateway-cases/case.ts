import { readFileSync } from 'node:fs';
import type { ProviderKind } from '../../../contracts/usage.ts';
import type { ScriptedAnswer } from '../../../dev/simulators/script.ts';

/** Cases of a request through the gateway: what the provider sends, and the right outcome (test/fixtures/gateway-cases). */

/** An exact number, or bounds that include their ends. */
export type Bound = number | { min?: number; max?: number };

export type ToolCall = { id?: string; index?: number; name: string; arguments: unknown };

/**
 * A right outcome. Only what is said is required; a status of 200, and streams that end and have no event without data, are
 * required always.
 */
export type Right = {
  status?: number;
  /** The code of the error, as a status or within the stream. */
  error_code?: string;
  /** Texts that the error must contain. */
  error_says?: string[];
  retry_after_s?: Bound;
  text?: string;
  reasoning?: string;
  tool_calls?: ToolCall[];
  /** Text that the arguments of the first call contain as it is. */
  arguments_text?: string;
  finish_reason?: string;
  stop_sequence?: string;
  input_tokens_at_start?: number;
  /** True when the stream must come to its regular end: `[DONE]` or message_stop. Default: true unless it fails. */
  done?: boolean;
  /** False when the answer must have U+2028 and U+2029 escaped only: some readers of streams take them for line ends. */
  raw_separators?: boolean;
  /** Wallet tokens. */
  charged?: Bound;
  usage_source?: 'reported' | 'estimated';
  /** The number of calls of the provider. */
  calls?: Bound;
  /** The last body that reached the provider: paths it has, has not, and texts that their JSON contains. */
  upstream?: { present?: string[]; absent?: string[]; contains?: Record<string, string> };
};

export type GatewayCase = {
  id: string;
  /** The gateway's behaviour. */
  name: string;
  /** The fault that this case was made from. */
  symptom: string;
  /** Default: chat, /v1/chat/completions. */
  surface?: 'chat' | 'messages';
  /** Default: openai. */
  kind?: ProviderKind;
  /** The provider's name of the model. Default: `m`. */
  model?: string;
  /** Fields of the request beside the defaults. */
  request: Record<string, unknown>;
  upstream: ScriptedAnswer[] | 'plain';
  /** Several: any of them is right. */
  right: Right | Right[];
};

/** Replaces `{"repeat": [text, times]}` by the text. */
function expand(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expand);
  if (typeof value !== 'object' || value === null) return value;
  const { repeat } = value as { repeat?: [string, number] };
  if (repeat !== undefined) return repeat[0].repeat(repeat[1]);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, expand(inner)]));
}

/** Returns the cases of a file. */
export function casesOf(file: string): GatewayCase[] {
  const url = new URL(`../../fixtures/gateway-cases/${file}.json`, import.meta.url);
  return expand(JSON.parse(readFileSync(url, 'utf8'))) as GatewayCase[];
}

const chunkOf = (fields: object) =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', ...fields })}\n\n`;
const eventOf = (data: { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

const chatUsage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm' };
const googleAnswer = {
  candidates: [{ content: { role: 'model', parts: [{ text: 'ok' }] }, finishReason: 'STOP', index: 0 }],
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
};

/** Answers "ok" by 10 tokens of input and 5 of output, in one piece or as a stream. */
export const plainAnswers: Record<ProviderKind, ScriptedAnswer[]> = {
  get deepseek() {
    return this.openai;
  },
  openai: [
    {
      when: { stream: true },
      chunks: [
        chunkOf({ choices: [{ index: 0, delta: { content: 'ok' }, finish_reason: null }] }),
        chunkOf({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
        chunkOf({ choices: [], usage: chatUsage }),
        'data: [DONE]\n\n',
      ],
    },
    {
      body: {
        ...{ id: 'c1', object: 'chat.completion', created: 1, model: 'm', usage: chatUsage },
        choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
      },
    },
  ],
  anthropic: [
    {
      when: { stream: true },
      chunks: [
        { type: 'message_start', message: { ...message, content: [], usage: { input_tokens: 10 } } },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'ok' } },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } },
        { type: 'message_stop' },
      ].map(eventOf),
    },
    {
      body: {
        ...message,
        ...{ content: [{ type: 'text', text: 'ok' }], stop_reason: 'end_turn', stop_sequence: null },
        usage: { input_tokens: 10, output_tokens: 5 },
      },
    },
  ],
  google: [
    { when: { stream: true }, chunks: [`data: ${JSON.stringify(googleAnswer)}\n\n`] },
    { body: googleAnswer },
  ],
};

/** Returns a chat completion in one piece that reports these tokens of input and output. */
export const says = (
  content: string,
  [prompt_tokens, completion_tokens] = [10, 5],
  more: ScriptedAnswer = {},
): ScriptedAnswer => ({
  ...more,
  body: {
    ...{ id: 'c1', object: 'chat.completion', created: 1, model: 'm' },
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
  },
});
