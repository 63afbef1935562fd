import type { AnswerPlace, ChatMessage, ReasoningPart } from '../../../contracts/chat/chat.ts';
import { type GoogleContent, type GooglePart, sourceOf } from '../../../contracts/v1beta/content.ts';
import { orderField } from '../../providers/chat/order.ts';
import { signedContent } from '../../providers/google/answer.ts';
import { carriedBy } from './signatures.ts';

/** Converts the contents of a request to messages. The contract has validated them. Pure. */

type AssistantMessage = Extract<ChatMessage, { role: 'assistant' }>;
type UserPart = Extract<ChatMessage, { role: 'user' }>['content'][number];
type Response = NonNullable<GooglePart['functionResponse']>;
type Place = { content: number; part: number };

/** The messages of a conversation, or the place of the first result that answers no call. */
export type ReadContents = { messages: ChatMessage[] } | { unanswerable: Place };

const textPart = (text: string) => ({ type: 'text' as const, text });

function filePart(mimeType: string, value: { data: string } | { url: string }): UserPart {
  const source = sourceOf(mimeType, value);
  if (source === null) throw new Error('The contract lets no other file through');
  return 'image' in source
    ? { type: 'image', source: source.image }
    : { type: 'document', source: source.document };
}

function userPart({ text, inlineData, fileData }: GooglePart): UserPart[] {
  if (inlineData != null) return [filePart(inlineData.mimeType, { data: inlineData.data })];
  if (fileData != null) return [filePart(fileData.mimeType, { url: fileData.fileUri })];
  return text == null || text === '' ? [] : [textPart(text)];
}

/** The calls of a conversation that have no result yet. Calls without an id get one by their place. */
class OpenCalls {
  readonly #open: { id: string; name: string }[] = [];
  #count = 0;

  add(id: string | null | undefined, name: string): string {
    const given = id ?? `call_${this.#count}`;
    this.#count += 1;
    this.#open.push({ id: given, name });
    return given;
  }

  /** Returns the id of the call that a result answers: the one it names, or else the first of its name. */
  answer({ id, name }: Response): string | null {
    const at = this.#open.findIndex((call) => (id == null ? call.name === name : call.id === id));
    return at === -1 ? null : (this.#open.splice(at, 1)[0]?.id ?? null);
  }
}

/** The message that the parts of a turn of the model make together. */
class ModelTurn {
  readonly #texts: { type: 'text'; text: string }[] = [];
  readonly #reasoning: ReasoningPart[] = [];
  readonly #calls: NonNullable<AssistantMessage['tool_calls']> = [];
  readonly #order: AnswerPlace[] = [];
  #signature: string | null = null;

  add({ text, thought, thoughtSignature, functionCall }: GooglePart, calls: OpenCalls): void {
    const signature = thoughtSignature ?? null;
    if (functionCall != null) this.#call(functionCall, signature, calls);
    else if (thought === true) this.#think(text ?? '', signature);
    else this.#say(text ?? '', signature);
  }

  /** The message; null if nothing was said. */
  message(): AssistantMessage | null {
    if (this.#order.length === 0) return null;
    return {
      role: 'assistant',
      content: this.#texts,
      ...(this.#reasoning.length > 0 && { reasoning: this.#reasoning }),
      ...(this.#calls.length > 0 && { tool_calls: this.#calls }),
      ...(this.#signature !== null && { extra_content: signedContent(this.#signature) }),
      ...orderField(this.#order),
    };
  }

  #call(
    { id, name, args }: NonNullable<GooglePart['functionCall']>,
    signature: string | null,
    calls: OpenCalls,
  ): void {
    const call = { id: calls.add(id, name), name, arguments: JSON.stringify(args ?? {}) };
    this.#calls.push({ ...call, ...(signature !== null && { extra_content: signedContent(signature) }) });
    this.#order.push({ type: 'tool_call' });
  }

  /** Thoughts of Google say nothing to it: it wants the signatures of calls and texts back. */
  #think(text: string, signature: string | null): void {
    const carried = signature === null ? null : carriedBy(signature);
    if (text === '' && carried === null) return;
    this.#reasoning.push({ text: carried?.encrypted === undefined ? text : '', ...carried });
    this.#order.push({ type: 'reasoning' });
  }

  #say(text: string, signature: string | null): void {
    if (signature !== null) this.#signature = signature;
    if (text === '') return;
    this.#texts.push(textPart(text));
    this.#order.push({ type: 'text', length: text.length });
  }
}

function resultOf(response: Response, tool_call_id: string): ChatMessage {
  const files = (response.parts ?? []).map(({ inlineData: { mimeType, data } }) =>
    filePart(mimeType, { data }),
  );
  const content = [textPart(JSON.stringify(response.response ?? {})), ...files];
  return { role: 'tool', tool_call_id, content };
}

/** A turn of the user or of functions: the results come first, since they answer the turn before. */
function userTurn(
  parts: readonly GooglePart[],
  calls: OpenCalls,
): { messages: ChatMessage[] } | { part: number } {
  const results: ChatMessage[] = [];
  for (const [part, { functionResponse }] of parts.entries()) {
    if (functionResponse == null) continue;
    const id = calls.answer(functionResponse);
    if (id === null) return { part };
    results.push(resultOf(functionResponse, id));
  }
  const content = parts.flatMap(userPart);
  return { messages: [...results, ...(content.length > 0 ? [{ role: 'user' as const, content }] : [])] };
}

function systemTurn(parts: readonly GooglePart[]): ChatMessage[] {
  const content = parts.flatMap(({ text }) => (text ? [textPart(text)] : []));
  return content.length === 0 ? [] : [{ role: 'system', content }];
}

function modelTurn(parts: readonly GooglePart[], calls: OpenCalls): ChatMessage[] {
  const turn = new ModelTurn();
  for (const part of parts) turn.add(part, calls);
  const message = turn.message();
  return message === null ? [] : [message];
}

/** Returns the messages of the contents. */
export function messagesOf(contents: readonly GoogleContent[]): ReadContents {
  const calls = new OpenCalls();
  const messages: ChatMessage[] = [];
  for (const [content, { role, parts }] of contents.entries()) {
    const said = parts ?? [];
    if (role === 'model') messages.push(...modelTurn(said, calls));
    else if (role === 'system') messages.push(...systemTurn(said));
    else {
      const turn = userTurn(said, calls);
      if ('part' in turn) return { unanswerable: { content, part: turn.part } };
      messages.push(...turn.messages);
    }
  }
  return { messages };
}

/** Returns the message of the instructions; none without a text. */
export const instructionsOf = (parts: readonly GooglePart[]): ChatMessage[] => systemTurn(parts);
