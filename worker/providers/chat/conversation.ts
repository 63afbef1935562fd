import type { ChatMessage, ChatOptions } from '../../../contracts/chat/chat.ts';
import type { CacheControl } from '../../../contracts/chat/chat-parts.ts';

/** Parts of a chat request as the wire formats of several kinds need them. Pure. */

type UserPart = Extract<ChatMessage, { role: 'user' }>['content'][number];
type TextPart = Extract<UserPart, { type: 'text' }>;
/** A PDF with its title and context. */
export type DocumentPart = Extract<UserPart, { type: 'document' }>;

/** Every image of a conversation, oldest first. */
export const imagesOf = ({ messages }: ChatOptions): Extract<UserPart, { type: 'image' }>[] =>
  messages.flatMap(({ content }): UserPart[] => content).filter((part) => part.type === 'image');

/** Every document of a conversation, oldest first. */
export const documentsOf = ({ messages }: Pick<ChatOptions, 'messages'>): DocumentPart[] =>
  messages.flatMap(({ content }): UserPart[] => content).filter((part) => part.type === 'document');

/** A recording. */
export type AudioPart = Extract<UserPart, { type: 'audio' }>;

/** Every recording of a conversation, oldest first. */
export const audiosOf = ({ messages }: Pick<ChatOptions, 'messages'>): AudioPart[] =>
  messages.flatMap(({ content }): UserPart[] => content).filter((part) => part.type === 'audio');

/** True if a conversation has a part whose size tells nothing about its tokens: a PDF or a recording, both compressed. */
export const hasFiles = (chat: Pick<ChatOptions, 'messages'>): boolean =>
  documentsOf(chat).length > 0 || audiosOf(chat).length > 0;

/** Every mark up to which the provider may cache the request: of tools, of parts, and of calls. */
export const cacheMarksOf = ({ tools = [], messages }: ChatOptions): CacheControl[] =>
  [
    ...tools,
    ...messages.flatMap(({ content }): UserPart[] => content),
    ...messages.flatMap((message) => (message.role === 'assistant' ? (message.tool_calls ?? []) : [])),
  ].flatMap(({ cache_control }) => (cache_control === undefined ? [] : [cache_control]));

/** The title and the context of a document as a text before it, for wire formats without a field for them. */
export function documentHeading({ title, context }: DocumentPart): TextPart[] {
  const text = [title, context].filter(Boolean).join('\n\n');
  return text === '' ? [] : [{ type: 'text', text }];
}

/** The level of detail at which a provider is asked to read an image. */
export type ImageDetail = 'high' | 'low';

/**
 * The level of detail to ask for. `auto` becomes `high`: OpenAI's current models take `auto` as the full size of the image,
 * whose tokens have no bound without the pixels.
 */
export const imageDetailOf = ({ detail }: { detail?: 'auto' | 'low' | 'high' | undefined }): ImageDetail =>
  detail === 'low' ? 'low' : 'high';

/** The text of a message: all its texts as one string. */
export const textOf = (content: readonly UserPart[]): string =>
  content.map((part) => (part.type === 'text' ? part.text : '')).join('');

type JsonSchemaFormat = Extract<ChatOptions['response_format'], { type: 'json_schema' }>;

/** The schema of an answer with the format's description in it, for wire formats without a field for the description. */
export const describedSchema = ({ description, schema }: JsonSchemaFormat): Record<string, unknown> =>
  description === undefined ? schema : { description, ...schema };
