import type {
  ChatCompletionContentPart,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import type { ChatMessage, ToolCall } from '../../../contracts/chat/chat.ts';
import { audioFormatOf } from '../../../contracts/v1/input-audio.ts';
import {
  type AudioPart,
  type DocumentPart,
  documentHeading,
  imageDetailOf,
  textOf,
} from '../chat/conversation.ts';
import { detailsOf, thinkingBlocksOf } from '../chat/reasoning-details.ts';

/** Writes the messages of a request for OpenAI's chat completions. Pure. */

/** Fields that OpenAI does not have, and that a server takes. Others are left out. */
export type Carried = {
  /** Reasoning and the fields of a server (`reasoning_content`, `reasoning_details`, `thinking_blocks`, `extra_content`). */
  reasoning: boolean;
  /** Marks for the cache (`cache_control`). */
  cache_marks: boolean;
};

type Part = Extract<ChatMessage, { role: 'user' }>['content'][number];
type TextPart = Extract<Part, { type: 'text' }>;
type AssistantMessage = Extract<ChatMessage, { role: 'assistant' }>;
type ToolMessage = Extract<ChatMessage, { role: 'tool' }>;

const markOf = ({ cache_control }: Pick<Part, 'cache_control'>, { cache_marks }: Carried) =>
  cache_marks && cache_control !== undefined ? { cache_control } : {};

const textParam = (part: TextPart, carried: Carried) => ({
  type: 'text' as const,
  text: part.text,
  ...markOf(part, carried),
});

/** The detail of an image is always sent, since the bound of its tokens depends on it (limits.ts). */
function imageParam(part: Extract<Part, { type: 'image' }>, carried: Carried): ChatCompletionContentPart {
  const { source } = part;
  const url = source.kind === 'url' ? source.url : `data:${source.media_type};base64,${source.data}`;
  const image_url = { url, detail: imageDetailOf(part) };
  return { type: 'image_url', image_url, ...markOf(part, carried) } as ChatCompletionContentPart;
}

/** The name of a document's file. Servers know a PDF by its ending. */
const filenameOf = ({ title = 'document' }: DocumentPart): string =>
  /\.pdf$/i.test(title) ? title : `${title}.pdf`;

/** A PDF as a file, its context before it. The caller is refused URLs before (kind.ts). */
function documentParams(part: DocumentPart, carried: Carried): ChatCompletionContentPart[] {
  const { source } = part;
  if (source.kind === 'url') return [];
  const file_data = `data:${source.media_type};base64,${source.data}`;
  const file = { filename: filenameOf(part), file_data };
  return [
    ...documentHeading({ ...part, title: undefined }).map((heading) => textParam(heading, carried)),
    { type: 'file', file, ...markOf(part, carried) } as ChatCompletionContentPart,
  ];
}

function audioParam(part: AudioPart, carried: Carried): ChatCompletionContentPart {
  const { source } = part;
  const input_audio = { data: source.data, format: audioFormatOf(source) };
  return { type: 'input_audio', input_audio, ...markOf(part, carried) } as ChatCompletionContentPart;
}

function contentParams(part: Part, carried: Carried): ChatCompletionContentPart[] {
  switch (part.type) {
    case 'text':
      return [textParam(part, carried)];
    case 'image':
      return [imageParam(part, carried)];
    case 'document':
      return documentParams(part, carried);
    case 'audio':
      return [audioParam(part, carried)];
  }
}

/** True if a content can be written as a string: not every compatible server takes parts, and fewer do outside the user's messages. */
const isPlain = ([only, ...others]: readonly Part[], { cache_marks }: Carried): boolean =>
  only?.type === 'text' && others.length === 0 && !(cache_marks && only.cache_control !== undefined);

const plainOrParts = (content: readonly Part[], carried: Carried) =>
  isPlain(content, carried) ? textOf(content) : content.flatMap((part) => contentParams(part, carried));

/** The same for messages that hold only text. */
const plainOrTexts = (content: readonly TextPart[], carried: Carried) =>
  isPlain(content, carried) ? textOf(content) : content.map((part) => textParam(part, carried));

const named = ({ name }: { name?: string | undefined }) => (name === undefined ? {} : { name });

/** False for an assistant's turn without text and calls: it is left out, since servers refuse it. */
const hasContent = (message: ChatMessage): boolean =>
  message.role !== 'assistant' || message.content.length > 0 || (message.tool_calls ?? []).length > 0;

const callParam = ({ id, name, arguments: json, extra_content }: ToolCall, { reasoning }: Carried) => ({
  id,
  type: 'function' as const,
  function: { name, arguments: json },
  ...(reasoning && extra_content !== undefined && { extra_content }),
});

/** Parts of an answer beside its text, as the server that it comes from expects it back. */
function saidBeside({ reasoning = [], reasoning_details, extra_content }: AssistantMessage) {
  const text = reasoning.map((part) => part.text).join('');
  const details = reasoning_details ?? detailsOf(reasoning);
  const thinking_blocks = thinkingBlocksOf(reasoning);
  return {
    ...(text !== '' && { reasoning_content: text }),
    ...(thinking_blocks !== undefined && { thinking_blocks }),
    ...(details !== undefined && { reasoning_details: details }),
    ...(extra_content !== undefined && { extra_content }),
  };
}

function assistantParam(message: AssistantMessage, carried: Carried): ChatCompletionMessageParam {
  const calls = (message.tool_calls ?? []).map((call) => callParam(call, carried));
  return {
    role: 'assistant',
    content: message.content.length === 0 ? null : plainOrTexts(message.content, carried),
    ...named(message),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(carried.reasoning && saidBeside(message)),
  };
}

/** The images and documents of tools' results. */
const mediaOf = (results: readonly ToolMessage[]): Part[] =>
  results.flatMap(({ content }) => content.filter(({ type }) => type !== 'text'));

const areImages = (media: readonly Part[]): boolean => media.every(({ type }) => type === 'image');

/** The text of a result without any. */
function standInFor(media: readonly Part[]): string {
  if (media.length === 0) return '';
  return areImages(media) ? 'An image.' : 'A file.';
}

/** The result of a tool as text. Images and documents have no place in it: they follow in a message of the user. */
const toolParam = (message: ToolMessage): ChatCompletionMessageParam => ({
  role: 'tool',
  tool_call_id: message.tool_call_id,
  content: textOf(message.content) || standInFor(mediaOf([message])),
});

function messageParam(
  message: Exclude<ChatMessage, { role: 'tool' }>,
  carried: Carried,
): ChatCompletionMessageParam {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: plainOrTexts(message.content, carried), ...named(message) };
    case 'user':
      return { role: 'user', content: plainOrParts(message.content, carried), ...named(message) };
    case 'assistant':
      return assistantParam(message, carried);
  }
}

/** The images and documents in results of tools, as a message of the user. It follows the last result, since results must follow their calls. */
function mediaOfTools(results: readonly ToolMessage[], carried: Carried): ChatCompletionMessageParam[] {
  const media = mediaOf(results);
  if (media.length === 0) return [];
  const text: TextPart = {
    type: 'text',
    text: `${areImages(media) ? 'Images' : 'Files'} of the tool results:`,
  };
  return [{ role: 'user', content: [text, ...media].flatMap((part) => contentParams(part, carried)) }];
}

/** The messages of a conversation. */
export function messageParams(
  messages: readonly ChatMessage[],
  carried: Carried,
): ChatCompletionMessageParam[] {
  const params: ChatCompletionMessageParam[] = [];
  let results: ToolMessage[] = [];
  for (const message of messages.filter(hasContent)) {
    if (message.role === 'tool') {
      results.push(message);
      params.push(toolParam(message));
      continue;
    }
    params.push(...mediaOfTools(results, carried), messageParam(message, carried));
    results = [];
  }
  return [...params, ...mediaOfTools(results, carried)];
}
