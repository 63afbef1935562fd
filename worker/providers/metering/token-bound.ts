import type { ChatMessage, ChatOptions } from '../../../contracts/chat/chat.ts';
import type { ProviderKind } from '../../../contracts/usage.ts';
import { hasFiles } from '../chat/conversation.ts';
import { TAGS_TOKENS_MAX } from '../chat/turns.ts';
import type { Completion, NeutralRequest, StreamEvent } from '../provider.ts';
import { kindModules } from '../registry.ts';

/**
 * The most tokens a call can use, computed before it is made and without the model's tokenizer. Reservations depend on it. Pure.
 */

/** Tokens that a format adds to a request, beside what the client wrote. */
export type AddedTokens = {
  /** Per request: priming, the date, a short preamble of the model's maker. */
  request: number;
  /** Per message: role and delimiters. */
  message: number;
  /** Per part of a message, beside its text or image. */
  part: number;
  call: number;
  tool: number;
  /** The instructions about tools. */
  tools: number;
  /** The instructions about the form of the answer. */
  format: number;
};

/** The most that any format adds. Measured messages need 3 to 6. Anthropic documents up to 530 tokens for tools, others less. */
const MOST_ADDED: AddedTokens = {
  ...{ request: 96, message: 8, part: 8, call: 32, tool: 32 },
  ...{ tools: 1_024, format: 512 },
};

/** A way to measure a request in tokens. */
export type Measure = {
  added: AddedTokens;
  text(text: string): number;
  /** The tokens of a value in the form in which a provider writes it into the prompt. */
  json(value: unknown): number;
  /** The tokens that a tool's answer has beside its text, where a provider wraps it. */
  wrapped(texts: readonly object[]): number;
};

const utf8 = new TextEncoder();

/** The bytes of `text` in UTF-8. */
export const byteLength = (text: string): number => utf8.encode(text).byteLength;

/** The length of the pieces that are normalized one at a time: a text of nothing but U+FDFA becomes eleven times as long. */
const NORMALIZED_CHARS_MAX = 65_536;

/**
 * The most tokens of `text`. Tokenizers that work on bytes, as those of all kinds do, never make more tokens than there are
 * bytes. Some normalize by NFKC first (Claude 2's, and SentencePiece by default), which can make a text longer.
 */
export function textBound(text: string): number {
  const bytes = byteLength(text);
  // ASCII is normal.
  if (bytes === text.length) return bytes;
  let bound = 0;
  for (let at = 0; at < text.length; at += NORMALIZED_CHARS_MAX) {
    const piece = text.slice(at, at + NORMALIZED_CHARS_MAX);
    bound += Math.max(byteLength(piece), byteLength(piece.normalize('NFKC')));
  }
  return bound;
}

/** True for a character that every template writes unchanged: plain ASCII except those that HTML escapes. */
const isPlain = (code: number): boolean =>
  code === 0x0a ||
  (code >= 0x20 && code < 0x7f && code !== 0x26 && code !== 0x27 && code !== 0x3c && code !== 0x3e);

/** The length of a value that is neither object nor list as JSON, with everything but plain ASCII as `\uXXXX`, as some templates write it. */
function scalarBound(value: unknown): number {
  const json = JSON.stringify(value) ?? 'null';
  let length = json.length;
  for (let at = 0; at < json.length; at += 1) if (!isPlain(json.charCodeAt(at))) length += 5;
  return Math.max(length, textBound(json));
}

/**
 * The greatest length of a value as JSON, indented by two spaces, which models' formats use for schemas. It is counted without
 * writing the text: a small request could indent to hundreds of megabytes.
 */
function jsonLengthBound(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null) return scalarBound(value);
  const members = Array.isArray(value)
    ? value.map((item) => jsonLengthBound(item, depth + 1))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([name, item]) => scalarBound(name) + ': '.length + jsonLengthBound(item, depth + 1));
  const indentation = 2 * (depth + 1);
  // Each member has a line of its own, with a comma; the brackets have one each.
  return members.reduce(
    (sum, length) => sum + indentation + length + ',\n'.length,
    '[\n]'.length + 2 * depth,
  );
}

/** Never less than a tokenizer counts. Google wraps the answer of a tool into JSON. */
const byBytes: Measure = {
  added: MOST_ADDED,
  text: textBound,
  json: jsonLengthBound,
  wrapped: jsonLengthBound,
};

/** The bound of the longest name of a called tool: formats repeat the name with the tool's answer. */
const longestCalledName = (messages: ChatMessage[], { text }: Measure): number =>
  messages
    .flatMap((message) => (message.role === 'assistant' ? (message.tool_calls ?? []) : []))
    .reduce((longest, { name }) => Math.max(longest, text(name)), 0);

type AssistantMessage = Extract<ChatMessage, { role: 'assistant' }>;

function messageBound(message: ChatMessage, calledNameBound: number, measure: Measure): number {
  const { added } = measure;
  const text = message.content.reduce(
    (sum, part) => sum + added.part + (part.type === 'text' ? measure.text(part.text) : 0),
    0,
  );
  const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
  const called = calls.reduce(
    (sum, { id, name, arguments: json }) =>
      sum + added.call + measure.text(id) + measure.text(name) + measure.json(json),
    0,
  );
  // The name of the tool stands beside or instead of the call.
  const answered =
    message.role === 'tool'
      ? added.call +
        calledNameBound +
        measure.text(message.tool_call_id) +
        measure.wrapped(message.content.filter(({ type }) => type === 'text'))
      : 0;
  const named = 'name' in message && message.name !== undefined ? measure.text(message.name) : 0;
  const thought = message.role === 'assistant' ? extrasBound(message, measure) : 0;
  return added.message + named + text + called + answered + thought;
}

/** The bound of what is sent back to a provider beside the text: its reasoning, and fields of its own. */
function extrasBound(
  { reasoning, reasoning_details, extra_content, tool_calls = [] }: AssistantMessage,
  { added, json }: Measure,
): number {
  const ofCalls = tool_calls.map((call) => call.extra_content);
  return [reasoning, reasoning_details, extra_content, ...ofCalls]
    .filter((extra) => extra !== undefined)
    .reduce<number>((sum, extra) => sum + added.part + json(extra), 0);
}

function toolsBound(tools: NonNullable<ChatOptions['tools']>, { added, json }: Measure): number {
  return tools.reduce((sum, tool) => sum + added.tool + json(tool), added.tools);
}

/** The bound of the tags around instructions that are not at the beginning, where a provider takes instructions apart. */
function tagsBound(messages: ChatMessage[]): number {
  const first = messages.findIndex(({ role }) => role !== 'system');
  const later = first === -1 ? [] : messages.slice(first).filter(({ role }) => role === 'system');
  return later.length * TAGS_TOKENS_MAX;
}

/**
 * The most input tokens of the request at a provider of this kind: the bytes of its texts, its tools and its response format as
 * JSON, and its images at their documented maximum. Documents are left out. About four times the real count for English, and exact for
 * rare scripts. `measure` takes the place of bytes.
 */
export function inputTokensBound(
  kind: ProviderKind,
  request: NeutralRequest,
  measure: Measure = byBytes,
): number {
  const { messages, tools, response_format } = request;
  const { added, json } = measure;
  const calledNameBound = longestCalledName(messages, measure);
  const texts = messages.reduce(
    (sum, message) => sum + messageBound(message, calledNameBound, measure),
    added.request,
  );
  const form =
    response_format === undefined || response_format.type === 'text'
      ? 0
      : added.format + json(response_format);
  const { sentExtra, imageTokensBound, takes_instructions_apart } = kindModules[kind];
  const tags = takes_instructions_apart ? tagsBound(messages) : 0;
  // A server may put parameters that we do not know into the prompt.
  const extra = sentExtra(request);
  const unknown = extra === null ? 0 : json(extra);
  const images = imageTokensBound(request);
  const tooled = tools === undefined ? 0 : toolsBound(tools, measure);
  return texts + tags + tooled + form + unknown + images;
}

/**
 * The most input tokens of the request at a model with this context window. The bytes of a PDF do not bound its tokens, since they are
 * compressed, so a request with documents is bounded by the window, which no provider passes.
 */
export const inputTokensBoundOf = (
  kind: ProviderKind,
  request: NeutralRequest,
  context_window_tokens: number,
): number => (hasFiles(request) ? context_window_tokens : inputTokensBound(kind, request));

/** The bytes of a complete answer: its text and its tool calls. */
export const completionBytes = ({ text, tool_calls }: Completion): number =>
  tool_calls.reduce(
    (sum, call) => sum + byteLength(call.name) + byteLength(call.arguments),
    byteLength(text),
  );

/**
 * The most bytes that are read of an answer with this output limit, so that no answer fills the isolate's memory. Prose has about
 * four bytes per token. An answer with more bytes comes from a server that ignores the limit, or consists of the longest tokens
 * that exist, such as 128 spaces. Either way it has reached its limit, and is charged for the limit.
 */
export const outputBytesMax = (max_output_tokens: number): number => 65_536 + 64 * max_output_tokens;

/** The bytes that an event of a stream adds to the output. Reasoning counts as output. */
export function eventBytes(event: StreamEvent): number {
  switch (event.type) {
    case 'text':
      return byteLength(event.text);
    case 'reasoning':
      return byteLength(event.text) + byteLength(event.encrypted ?? '');
    case 'tool_call':
      return byteLength(event.name);
    case 'tool_arguments':
      return byteLength(event.json);
    case 'carried':
    case 'input_told':
    case 'done':
    case 'failed':
      return 0;
  }
}
