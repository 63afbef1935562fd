import type { Content, Part } from '@google/generative-ai';
import { z } from 'zod';
import type { ChatMessage, ToolCall } from '../../../contracts/chat/chat.ts';
import { documentHeading, textOf } from '../chat/conversation.ts';
import { argumentsObject } from '../chat/tool-calls.ts';
import type { Turn, TurnMessage } from '../chat/turns.ts';

/** Writes messages as the contents of Google's generateContent. Pure. The SDK's types are older than the API and lack some fields. */

/**
 * The documented value for calls whose signature is unknown: newer models answer 400 for a call in the history without one. A
 * conversation that another provider has led has no signatures.
 */
const NO_SIGNATURE = 'skip_thought_signature_validator';

const signed = z.object({ google: z.object({ thought_signature: z.string().min(1) }) });

/** The signature that Google gave with a part, and that the client sent back; null when it did not. */
export const signatureOf = (extra_content: unknown): string | null =>
  signed.safeParse(extra_content).data?.google.thought_signature ?? null;

type UserPart = Extract<ChatMessage, { role: 'user' }>['content'][number];
type AssistantMessage = Extract<TurnMessage, { role: 'assistant' }>;
type ToolMessage = Extract<TurnMessage, { role: 'tool' }>;

/** The calls of a conversation by their ids, with their places: Google knows the answer of a tool by its name and its place. */
type Calls = ReadonlyMap<string, { name: string; place: number }>;

const callsOf = (messages: readonly ChatMessage[]): Calls =>
  new Map(
    messages
      .flatMap((message): ToolCall[] => (message.role === 'assistant' ? (message.tool_calls ?? []) : []))
      .map(({ id, name }, place) => [id, { name, place }]),
  );

/** Empty text parts are left out: the API refuses them. */
export const textParts = (content: readonly { type: 'text'; text: string }[]): Part[] =>
  content.filter(({ text }) => text !== '').map(({ text }) => ({ text }));

/** The type of data by Google's name, which differs for MP3 (gemini-api/docs/audio, November 2026). */
const mimeTypeOf = ({ media_type }: { media_type: string }): string =>
  media_type === 'audio/mpeg' ? 'audio/mp3' : media_type;

/** Text, images, documents and audio. The caller is refused URLs before (limits.ts): Google fetches none. */
const userParts = (content: readonly UserPart[]): Part[] =>
  content.flatMap((part): Part[] => {
    if (part.type === 'text') return textParts([part]);
    const { source } = part;
    if (source.kind === 'url') return [];
    const data = { inlineData: { mimeType: mimeTypeOf(source), data: source.data } };
    return part.type === 'document' ? [...textParts(documentHeading(part)), data] : [data];
  });

/** The answer of a tool as an object: its own if it is one, or one around it. */
function toolResult(text: string, is_error: boolean): object {
  if (is_error) return { error: text };
  const { unparsed_arguments, ...object } = argumentsObject(text);
  return unparsed_arguments === undefined && text.trim() !== '' ? object : { result: text };
}

/** A signature is that of the first of several calls, and of the last text. */
function assistantParts({ content, tool_calls = [], extra_content }: AssistantMessage): Part[] {
  const texts = textParts(content);
  const textSignature = signatureOf(extra_content);
  const signatures = tool_calls.map((call) => signatureOf(call.extra_content));
  const areSigned = signatures.some((signature) => signature !== null);
  return [
    ...texts.map((part, at) =>
      textSignature !== null && at === texts.length - 1 ? { ...part, thoughtSignature: textSignature } : part,
    ),
    ...tool_calls.map(({ id, name, arguments: json }, at) => {
      const thoughtSignature = signatures[at] ?? (areSigned ? null : NO_SIGNATURE);
      return {
        functionCall: { id, name, args: argumentsObject(json) },
        ...(thoughtSignature !== null && { thoughtSignature }),
      };
    }),
  ];
}

/** The results of a turn in the order of their calls, then their images and documents. */
function resultParts(results: ToolMessage[], calls: Calls): Part[] {
  const placeOf = ({ tool_call_id }: ToolMessage) => calls.get(tool_call_id)?.place ?? calls.size;
  const ordered = results.toSorted((one, other) => placeOf(one) - placeOf(other));
  return [
    ...ordered.map(({ tool_call_id: id, content, is_error }) => ({
      functionResponse: {
        id,
        name: calls.get(id)?.name ?? id,
        response: toolResult(textOf(content), is_error === true),
      },
    })),
    ...ordered.flatMap(({ content }) => userParts(content.filter(({ type }) => type !== 'text'))),
  ];
}

/** The turns of a conversation. Those without anything to say are left out. */
export function contentsOf(turns: readonly Turn[], messages: readonly ChatMessage[]): Content[] {
  const calls = callsOf(messages);
  return turns
    .map(({ role, messages: said }) => ({
      role: role === 'assistant' ? 'model' : 'user',
      parts: [
        ...resultParts(
          said.filter((message) => message.role === 'tool'),
          calls,
        ),
        ...said.flatMap((message) => {
          if (message.role === 'tool') return [];
          return message.role === 'user' ? userParts(message.content) : assistantParts(message);
        }),
      ],
    }))
    .filter(({ parts }) => parts.length > 0);
}
