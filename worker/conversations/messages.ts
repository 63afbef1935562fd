import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import {
  type AnswerContent,
  type ConversationMessage,
  type MessageContent,
  messageContent,
  type NewMessage,
} from '../../contracts/api/conversations.ts';
import { ok, type Result } from '../../contracts/result.ts';
import type { EnterRefusal } from '../db/context.ts';
import type { MessageRow } from '../db/conversations/conversations.ts';
import {
  insertMessage,
  type MessageRefusal,
  replaceAnswer,
  type SealedMessage,
} from '../db/conversations/messages.ts';
import { ownSealer, type Sealer, type Storage } from './seal.ts';

/** Messages of conversations: encrypted as one JSON text each. */

/** Encrypts the content of a message, and measures it before. */
async function sealContent(sealer: Sealer, conversationId: string, id: string, content: MessageContent) {
  const text = JSON.stringify(content);
  const part = { conversation_id: conversationId, message_id: id };
  return {
    content_ciphertext: await sealer.seal(part, text),
    bytes: new TextEncoder().encode(text).byteLength,
  };
}

/** Encrypts a new message. */
export async function sealMessage(
  sealer: Sealer,
  conversationId: string,
  { id = uuidv7(), parent_id, ...content }: NewMessage,
): Promise<SealedMessage> {
  return { id, parent_id, role: content.role, ...(await sealContent(sealer, conversationId, id, content)) };
}

/** Decrypts a message. */
export async function openMessage(
  sealer: Sealer,
  conversationId: string,
  { content_ciphertext, ...place }: MessageRow,
): Promise<ConversationMessage> {
  const part = { conversation_id: conversationId, message_id: place.id };
  return { ...place, ...messageContent.parse(JSON.parse(await sealer.open(part, content_ciphertext))) };
}

type Refusal = { code: EnterRefusal | MessageRefusal };

/** Adds a message to one of the caller's conversations. One whose id is already there is not added again. */
export async function addMessage(
  storage: Storage,
  claims: SessionClaims,
  conversationId: string,
  message: NewMessage,
): Promise<Result<ConversationMessage, Refusal>> {
  const sealed = await sealMessage(await ownSealer(storage, claims), conversationId, message);
  const stored = await insertMessage(storage.database, claims, conversationId, sealed);
  return stored.ok ? ok({ ...message, id: sealed.id, ...stored.value }) : stored;
}

/** Replaces an answer in one of the caller's conversations, once it has ended. */
export async function completeAnswer(
  storage: Storage,
  claims: SessionClaims,
  conversationId: string,
  id: string,
  answer: AnswerContent,
): Promise<Result<ConversationMessage, Refusal>> {
  const sealed = await sealContent(await ownSealer(storage, claims), conversationId, id, answer);
  const stored = await replaceAnswer(storage.database, claims, conversationId, { id, ...sealed });
  return stored.ok ? ok({ ...answer, id, ...stored.value }) : stored;
}
