import type { ChatMessage, ChatOptions } from '../../../contracts/chat.ts';
import type { ProviderKind, Usage } from '../../../contracts/usage.ts';
import { passedOn } from '../openai/extra-parameters.ts';
import type { Completion, NeutralRequest, StreamEvent } from '../provider.ts';
import { imageTokensBound } from './images.ts';

/**
 * How many tokens a call can use at most, known before it is made and without its model's tokenizer. The reservation
 * rests on it. Pure.
 */

/** What chat formats put around one message: role and delimiter tokens. Measured formats need 3 to 6. */
const TOKENS_PER_MESSAGE = 8;
/** What formats put around one part of a message, beside its text or image. */
const TOKENS_PER_PART = 8;
/** What formats put around the whole: priming, the date, a short preamble of the model's maker. */
const TOKENS_PER_REQUEST = 96;
/** What formats put around a call of a tool, and around the definition of one. */
const TOKENS_PER_CALL = 32;
const TOKENS_PER_TOOL = 32;
/**
 * The text with which a model is told that it has tools. Anthropic documents up to 530 tokens for it (346 for current
 * models), others less or nothing.
 */
const TOKENS_FOR_TOOLS = 1_024;
/** The text with which a model is told to answer in a form. Nobody documents its length; Anthropic says there is one. */
const TOKENS_FOR_FORMAT = 512;

const utf8 = new TextEncoder();

/** The bytes of `text` in UTF-8. */
export const byteLength = (text: string): number => utf8.encode(text).byteLength;

/** So much is normalized at once: a text of nothing but U+FDFA becomes eleven times as long. */
const NORMALIZED_CHARS_MAX = 65_536;

/**
 * The most tokens of `text`. A tokenizer that works on bytes, as those of all three providers do, never makes more than there are; but
 * some normalize first, by NFKC (Claude 2's, and SentencePiece unless told otherwise), and that can make a text longer.
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

/** Whether every template writes the character as it is: plain ASCII, but for what HTML's escaping touches. */
const isPlain = (code: number): boolean =>
  code === 0x0a ||
  (code >= 0x20 && code < 0x7f && code !== 0x26 && code !== 0x27 && code !== 0x3c && code !== 0x3e);

/** What is neither object nor list, written as JSON: everything but plain ASCII as `\uXXXX`, as some templates do. */
function scalarBound(value: unknown): number {
  const json = JSON.stringify(value) ?? 'null';
  let length = json.length;
  for (let at = 0; at < json.length; at += 1) if (!isPlain(json.charCodeAt(at))) length += 5;
  return Math.max(length, textBound(json));
}

/**
 * The longest that formats may write a value as JSON, with two spaces of indentation, which models' formats use for schemas.
 * Counted without being written: indented, a small request could be a text of hundreds of megabytes.
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

/** The longest name of a tool that was called: what a tool answered is told with it. */
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
  // Google wraps what a tool answered into JSON, and names the tool beside or instead of the call.
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
 * The most prompt tokens the request can be counted as at a provider's model: its texts' bytes, its tools and its form of
 * answer as JSON, its images at their documented worst. About four times too many for English, exact for rare scripts.
 */
export function inputTokensBound(kind: ProviderKind, request: NeutralRequest): number {
  const { messages, tools, response_format, extra } = request;
  const calledNameBound = longestCalledName(messages);
  const texts = messages.reduce(
    (sum, message) => sum + messageBound(message, calledNameBound),
    TOKENS_PER_REQUEST,
  );
  const form =
    response_format === undefined || response_format.type === 'text'
      ? 0
      : TOKENS_FOR_FORMAT + jsonLengthBound(response_format);
  // A compatible server may put what we do not know into the prompt.
  const unknown = kind === 'openai' && extra !== undefined ? jsonLengthBound(passedOn(extra)) : 0;
  const images = imageTokensBound(kind, request.model, request);
  return texts + (tools === undefined ? 0 : toolsBound(tools)) + form + unknown + images;
}

/** The bytes an answer in one piece holds: its text, and the calls of tools. */
export const completionBytes = ({ text, tool_calls }: Completion): number =>
  tool_calls.reduce(
    (sum, call) => sum + byteLength(call.name) + byteLength(call.arguments),
    byteLength(text),
  );

/**
 * The most bytes an answer of so many tokens is read for, so that none fills the memory of everybody in the isolate. Prose has four to
 * a token. A server that says more does not keep to the limit it was given, or was asked for little but the longest tokens there
 * are, such as 128 spaces: either way the answer has reached its limit, and is charged as such.
 */
export const outputBytesMax = (max_output_tokens: number): number => 65_536 + 64 * max_output_tokens;

/** The bytes one event of a stream adds to the answer. Reasoning is output like any other. */
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
 * What to charge for an answer whose usage is not known, because the provider did not report it or the answer was broken
 * off: the bound of the prompt, and the bytes of the answer so far, at most what was allowed. Never more than the
 * reservation, so it is marked as estimated and can be trusted. Reasoning that a provider hides is not in it.
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
