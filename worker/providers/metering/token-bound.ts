import type { ChatMessage, ChatOptions } from '../../../contracts/chat.ts';
import type { ProviderKind, Usage } from '../../../contracts/usage.ts';
import type { Completion, NeutralRequest, StreamEvent } from '../provider.ts';
import { kindModules } from '../registry.ts';

/**
 * The most tokens a call can use, computed before it is made and without the model's tokenizer. Reservations depend on it. Pure.
 */

/** Tokens that chat formats add to one message: role and delimiters. Measured formats need 3 to 6. */
const TOKENS_PER_MESSAGE = 8;
/** Tokens that formats add to one part of a message, beside its text or image. */
const TOKENS_PER_PART = 8;
/** Tokens that formats add to the whole request: priming, the date, a short preamble of the model's maker. */
const TOKENS_PER_REQUEST = 96;
/** Tokens that formats add to a tool call, and to the definition of a tool. */
const TOKENS_PER_CALL = 32;
const TOKENS_PER_TOOL = 32;
/** The instructions about tools that providers add. Anthropic documents up to 530 tokens (346 for current models), others less. */
const TOKENS_FOR_TOOLS = 1_024;
/** The instructions about the form of the answer that providers add. Anthropic documents that they exist, not their length. */
const TOKENS_FOR_FORMAT = 512;

const utf8 = new TextEncoder();

/** The bytes of `text` in UTF-8. */
export const byteLength = (text: string): number => utf8.encode(text).byteLength;

/** The length of the pieces that are normalized one at a time: a text of nothing but U+FDFA becomes eleven times as long. */
const NORMALIZED_CHARS_MAX = 65_536;

/**
 * The most tokens of `text`. Tokenizers that work on bytes, as those of all kinds do, never make more tokens than there are
 * bytes. Some normalize by NFKC first (Claude 2's, and SentencePiece by default), which can make a text longer.
 */
function textBound(text: string): number {
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

/** The bound of the longest name of a called tool: formats repeat the name with the tool's answer. */
const longestCalledName = (messages: ChatMessage[]): number =>
  messages
    .flatMap((message) => (message.role === 'assistant' ? (message.tool_calls ?? []) : []))
    .reduce((longest, { name }) => Math.max(longest, textBound(name)), 0);

function messageBound(message: ChatMessage, calledNameBound: number): number {
  const text = message.content.reduce(
    (sum, part) => sum + TOKENS_PER_PART + (part.type === 'text' ? textBound(part.text) : 0),
    0,
  );
  const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
  const called = calls.reduce(
    (sum, { id, name, arguments: json }) =>
      sum + TOKENS_PER_CALL + textBound(id) + textBound(name) + jsonLengthBound(json),
    0,
  );
  // Google wraps the answer of a tool into JSON, with the name of the tool beside or instead of the call.
  const answered =
    message.role === 'tool'
      ? TOKENS_PER_CALL + calledNameBound + textBound(message.tool_call_id) + jsonLengthBound(message.content)
      : 0;
  const named = 'name' in message && message.name !== undefined ? textBound(message.name) : 0;
  return TOKENS_PER_MESSAGE + named + text + called + answered;
}

function toolsBound(tools: NonNullable<ChatOptions['tools']>): number {
  return tools.reduce((sum, tool) => sum + TOKENS_PER_TOOL + jsonLengthBound(tool), TOKENS_FOR_TOOLS);
}

/**
 * The most input tokens of the request at a provider of this kind: the bytes of its texts, its tools and its response format as
 * JSON, and its images at their documented maximum. About four times the real count for English, and exact for rare scripts.
 */
export function inputTokensBound(kind: ProviderKind, request: NeutralRequest): number {
  const { messages, tools, response_format } = request;
  const calledNameBound = longestCalledName(messages);
  const texts = messages.reduce(
    (sum, message) => sum + messageBound(message, calledNameBound),
    TOKENS_PER_REQUEST,
  );
  const form =
    response_format === undefined || response_format.type === 'text'
      ? 0
      : TOKENS_FOR_FORMAT + jsonLengthBound(response_format);
  const { sentExtra, imageTokensBound } = kindModules[kind];
  // A server may put parameters that we do not know into the prompt.
  const extra = sentExtra(request);
  const unknown = extra === null ? 0 : jsonLengthBound(extra);
  const images = imageTokensBound(request);
  return texts + (tools === undefined ? 0 : toolsBound(tools)) + form + unknown + images;
}

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
    case 'reasoning':
      return byteLength(event.text);
    case 'tool_call':
      return byteLength(event.name);
    case 'tool_arguments':
      return byteLength(event.json);
    case 'done':
    case 'failed':
      return 0;
  }
}

/**
 * The estimated usage of an answer without a report, or of one that stopped early: the bound of the input, and the bytes of the
 * output, at most the output limit. It never exceeds the reservation. Reasoning that the provider hides is not included.
 */
export function estimatedUsage(
  input_tokens_bound: number,
  max_output_tokens: number,
  output_bytes: number,
): Usage {
  return {
    input_tokens: input_tokens_bound,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: Math.min(output_bytes, max_output_tokens),
    reasoning_tokens: 0,
  };
}
