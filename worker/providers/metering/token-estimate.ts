import type { ChatMessage, ReasoningPart } from '../../../contracts/chat/chat.ts';
import type { ProviderKind } from '../../../contracts/usage.ts';
import { type AudioPart, audiosOf, type DocumentPart, documentsOf, imagesOf } from '../chat/conversation.ts';
import type { Completion, NeutralRequest, StreamEvent } from '../provider.ts';
import { kindModules } from '../registry.ts';

/**
 * Estimates tokens without a tokenizer, where a provider did not report them. Between 1.0 and 1.2 times OpenAI's o200k_base on prose,
 * code and JSON (the table in test/unit/providers/metering/token-estimate.test.ts). Not a bound: holds rest on token-bound.ts. Pure.
 */

/** Words, numbers, white space, and everything else. A change from lower to upper case begins a new word, as in camelCase. */
const pieces =
  /\p{Lu}?[a-z\u00df-\u024f]+|\p{Lu}+|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+|[\uac00-\ud7af]+|\p{L}+|\p{N}+|\s+|[^\p{L}\p{N}\s]+/gu;

const latin = /^[A-Za-z\u00c0-\u024f]/;
const chineseOrJapanese = /^[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/;
const korean = /^[\uac00-\ud7af]/;
/** Words of Latin letters that no language would write: tokenizers cut them into pairs. */
const unpronounceable = /[^aeiouyäöüáéíóúàèâêô]{5}/i;

/** Most words up to this length are one token; longer ones have a token more for each few letters. */
const WORD_LETTERS = 6;
const LETTERS_PER_TOKEN = 4.2;

function latinTokens(word: string): number {
  if (unpronounceable.test(word)) return word.length / 2;
  return word.length <= WORD_LETTERS ? 1 : 1 + (word.length - WORD_LETTERS) / LETTERS_PER_TOKEN;
}

/** A line break is a token, and so is an indentation now and then. A single space belongs to the word after it. */
function spaceTokens(space: string): number {
  const lastBreak = space.lastIndexOf('\n');
  const indentation = space.length - lastBreak - 1;
  return (lastBreak === -1 ? 0 : 1) + (indentation > 1 ? 0.5 + indentation / 64 : 0);
}

function otherTokens(signs: string): number {
  const first = signs.codePointAt(0) ?? 0;
  if (first < 0x80) return Math.ceil(signs.length / 3);
  const isPunctuation = first < 0x3040 || (first >= 0xff00 && first < 0xfff0);
  return [...signs].length * (isPunctuation ? 1 : 2.2);
}

function pieceTokens(piece: string): number {
  if (latin.test(piece)) return latinTokens(piece);
  if (/^\s/.test(piece)) return spaceTokens(piece);
  if (/^\p{N}/u.test(piece)) return Math.ceil(piece.length / 3);
  if (chineseOrJapanese.test(piece)) return piece.length * 0.78;
  if (korean.test(piece)) return piece.length * 0.75;
  if (/^[\u0370-\u07ff]/.test(piece)) return Math.max(1, piece.length / 3.2);
  return /^\p{L}/u.test(piece) ? piece.length : otherTokens(piece);
}

/** Returns the tokens that a text probably has. */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(pieces)) tokens += pieceTokens(piece);
  return Math.ceil(tokens);
}

/** Tokens that chat formats add to a message, a tool call or a tool. */
const TOKENS_PER_MESSAGE = 4;
const TOKENS_PER_CALL = 10;
const TOKENS_PER_TOOL = 12;

/** Returns the tokens that a value probably has as JSON. */
const estimateJson = (value: unknown): number => estimateTokens(JSON.stringify(value) ?? '');
const sumOf = <Item>(items: readonly Item[], tokensOf: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + tokensOf(item), 0);

type Call = { name: string; arguments: string };
const callTokens = ({ name, arguments: json }: Call): number =>
  TOKENS_PER_CALL + estimateTokens(name) + estimateTokens(json);

const reasoningTokens = (parts: readonly ReasoningPart[]): number =>
  sumOf(parts, ({ text, encrypted = '' }) => estimateTokens(text) + Math.ceil(encrypted.length / 4));

function messageTokens(message: ChatMessage): number {
  const said = sumOf([...message.content], (part) => (part.type === 'text' ? estimateTokens(part.text) : 0));
  if (message.role !== 'assistant') return TOKENS_PER_MESSAGE + said;
  const { tool_calls = [], reasoning = [] } = message;
  return TOKENS_PER_MESSAGE + said + sumOf(tool_calls, callTokens) + reasoningTokens(reasoning);
}

/** A probable page of a PDF: its size, and its tokens as text and as an image. A PDF by URL is taken for one of ten pages. */
const BYTES_PER_PAGE = 50_000;
const TOKENS_PER_PAGE = 3_000;
const PAGES_BEHIND_URL = 10;

const bytesOf = ({ data }: { data: string }): number => (data.length * 3) / 4;

function documentTokens({ source, title = '', context = '' }: DocumentPart): number {
  const pages = source.kind === 'url' ? PAGES_BEHIND_URL : Math.ceil(bytesOf(source) / BYTES_PER_PAGE);
  return pages * TOKENS_PER_PAGE + estimateTokens(title) + estimateTokens(context);
}

/** The bytes of a second of speech, as PCM of 16 bits at 16 kHz and compressed to 64 kbit/s, and its tokens at Gemini (gemini-api/docs/audio, November 2026). */
const BYTES_PER_SECOND = { plain: 32_000, compressed: 8_000 };
const TOKENS_PER_SECOND = 32;

function audioTokens({ source }: AudioPart): number {
  const isPlain = source.media_type === 'audio/wav' || source.media_type === 'audio/aiff';
  const seconds = bytesOf(source) / BYTES_PER_SECOND[isPlain ? 'plain' : 'compressed'];
  return Math.ceil(seconds) * TOKENS_PER_SECOND;
}

/** Returns the input tokens that a request probably has at a provider of this kind. Images count as their bound. */
export function estimateInputTokens(kind: ProviderKind, request: NeutralRequest): number {
  const { messages, tools = [], response_format } = request;
  const hasImages = imagesOf(request).length > 0;
  return (
    sumOf(messages, messageTokens) +
    sumOf(tools, (tool) => TOKENS_PER_TOOL + estimateJson(tool)) +
    (response_format?.type === 'json_schema' ? estimateJson(response_format.schema) : 0) +
    sumOf(documentsOf(request), documentTokens) +
    sumOf(audiosOf(request), audioTokens) +
    (hasImages ? kindModules[kind].imageTokensBound(request) : 0)
  );
}

/** Returns the output tokens that an answer probably has: its text, its calls, and the reasoning that was shown. */
export const estimateOutputTokens = ({ text, tool_calls, reasoning = [] }: Completion): number =>
  estimateTokens(text) + sumOf(tool_calls, callTokens) + reasoningTokens(reasoning);

/** Returns the tokens of the reasoning that an answer shows. */
export const estimateReasoningTokens = ({ reasoning = [] }: Completion): number => reasoningTokens(reasoning);

/** Returns the output tokens that one event of a stream probably has. A word that is cut in two counts twice. */
export function estimatePieceTokens(event: StreamEvent): number {
  switch (event.type) {
    case 'text':
      return estimateTokens(event.text);
    case 'reasoning':
      return reasoningTokens([event]);
    case 'tool_call':
      return callTokens({ name: event.name, arguments: '' });
    case 'tool_arguments':
      return estimateTokens(event.json);
    default:
      return 0;
  }
}
