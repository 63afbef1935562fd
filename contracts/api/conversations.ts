import { z } from 'zod';
import { walletTokens } from '../amounts.ts';
import { TEXT_MAX } from '../chat/chat-parts.ts';
import { resourceId } from '../resource-id.ts';
import { execution, message, OUTPUT_TOKENS_MAX } from './executions.ts';
import { pageParams } from './paging.ts';

/** Conversations of the playground, kept for their user alone. */

/** The most conversations of a user. */
export const CONVERSATIONS_MAX = 1_000;
/** The most messages of a conversation, all branches together. */
export const CONVERSATION_MESSAGES_MAX = 1_000;
/** The largest conversation: its messages as JSON, in bytes of UTF-8. */
export const CONVERSATION_BYTES_MAX = 2_097_152;
/** The most that all conversations of a user hold together, in the same bytes. */
export const USER_CONVERSATION_BYTES_MAX = 104_857_600;

const TITLE_MAX = 200;

const title = z.string().trim().min(1).max(TITLE_MAX).describe('The title.');

/** Settings of a conversation. Each is sent with every prompt. */
export const conversationSettings = z
  .strictObject({
    model: z
      .string()
      .min(1)
      .max(200)
      .nullable()
      .describe('The model that was chosen last. Null if none was chosen.'),
    system: z.string().max(100_000).describe('The system prompt. Empty if there is none.'),
    temperature: z
      .number()
      .min(0)
      .max(2)
      .nullable()
      .describe('The sampling temperature. Null leaves it to the model.'),
    top_p: z.number().min(0).max(1).nullable().describe('Nucleus sampling. Null leaves it to the model.'),
    max_output_tokens: z
      .int()
      .min(1)
      .max(OUTPUT_TOKENS_MAX)
      .nullable()
      .describe('The output limit, in tokens. Null uses the default limit.'),
  })
  .meta({ id: 'ConversationSettings' });
export type ConversationSettings = z.infer<typeof conversationSettings>;

/** Settings that leave everything to the defaults. */
export const NO_SETTINGS: ConversationSettings = {
  model: null,
  system: '',
  temperature: null,
  top_p: null,
  max_output_tokens: null,
};

const [, user] = message.options;

const role = {
  user: z.literal('user').describe('A prompt.'),
  assistant: z.literal('assistant').describe('An answer.'),
};

/** Figures of the execution that gave an answer, as they were when it ended. */
const answerReceipt = z
  .strictObject({
    tokens_charged: walletTokens.describe('Wallet tokens charged.'),
    provider: execution.shape.provider,
    finish_reason: execution.shape.finish_reason,
    attempts: z.int().min(0).max(1_000).describe('The number of provider calls.'),
    latency_ms: z
      .number()
      .min(0)
      .nullable()
      .describe('The duration of the last provider call, in milliseconds. Null if there was none.'),
    simulated: z.boolean().describe('True if a local simulator answered in place of the provider.'),
  })
  .meta({ id: 'AnswerReceipt' });
export type AnswerReceipt = z.infer<typeof answerReceipt>;

const answerFields = {
  role: role.assistant,
  model: z.string().min(1).max(200).describe('The public name of the model that was asked.'),
  text: z.string().max(TEXT_MAX).describe('The answer, or the part of it that came. Empty if none did.'),
  reasoning: z.string().max(TEXT_MAX).describe("The model's reasoning. Empty if the provider shows none."),
  state: z
    .enum(['running', 'succeeded', 'failed', 'stopped'])
    .describe(
      '`running`: it runs in the background; `succeeded`: it is complete; `failed`: no complete answer came; `stopped`: its user stopped it.',
    ),
  execution_id: resourceId.nullable().describe('The id of the execution. Null if it is not known.'),
  failure: z
    .strictObject({
      code: z.string().max(100).describe('The error code.'),
      message: z.string().max(2_000).describe('The error as a sentence.'),
    })
    .nullable()
    .describe('The reason of a failure. Null if it did not fail.'),
  receipt: answerReceipt.nullable().describe('The figures of the execution. Null while they are unknown.'),
};

const promptFields = { role: role.user, content: user.shape.content };

/** An answer without its place in the conversation. */
export const answerContent = z.strictObject(answerFields).meta({ id: 'ConversationAnswerContent' });
export type AnswerContent = z.infer<typeof answerContent>;

/** The content of a kept message, without its place in the conversation. */
export const messageContent = z.discriminatedUnion('role', [z.strictObject(promptFields), answerContent]);
export type MessageContent = z.infer<typeof messageContent>;

const placeFields = {
  id: resourceId
    .optional()
    .describe(
      'The id of the message, a UUID that you choose. A message whose id is already in the conversation is not added again.',
    ),
  parent_id: resourceId
    .nullable()
    .describe(
      'The message that this one follows. Null at the start. Messages with the same parent are branches.',
    ),
};

/** A message to add to a conversation. */
export const newMessage = z
  .discriminatedUnion('role', [
    z.strictObject({ ...placeFields, ...promptFields }).meta({ id: 'NewConversationPrompt' }),
    z.strictObject({ ...placeFields, ...answerFields }).meta({ id: 'NewConversationAnswer' }),
  ])
  .meta({ id: 'NewConversationMessage' });
export type NewMessage = z.infer<typeof newMessage>;

const keptFields = {
  id: resourceId.describe('The id of the message.'),
  parent_id: placeFields.parent_id,
  created_at: z.iso.datetime().describe('The time at which the message was added.'),
};

/** A message of a conversation. */
export const conversationMessage = z
  .discriminatedUnion('role', [
    z.strictObject({ ...keptFields, ...promptFields }).meta({ id: 'ConversationPrompt' }),
    z.strictObject({ ...keptFields, ...answerFields }).meta({ id: 'ConversationAnswer' }),
  ])
  .meta({ id: 'ConversationMessage' });
export type ConversationMessage = z.infer<typeof conversationMessage>;

/** A conversation without its messages. */
export const conversation = z
  .object({
    id: resourceId.describe('The id of the conversation.'),
    title: title.describe('The title. Made from the first prompt unless one was given.'),
    message_count: z.int().describe('The number of messages, all branches together.'),
    bytes: z.int().describe(`The size of the messages, at most ${CONVERSATION_BYTES_MAX} bytes.`),
    shown_message_id: resourceId
      .nullable()
      .describe('The last message of the branch that is shown. Null without messages.'),
    created_at: z.iso.datetime().describe('The time at which it was begun.'),
    used_at: z.iso.datetime().describe('The time at which its last message was added.'),
  })
  .meta({ id: 'Conversation' });
export type Conversation = z.infer<typeof conversation>;

/** A conversation with all of its messages. */
export const wholeConversation = conversation
  .extend({
    settings: conversationSettings.describe('The settings.'),
    messages: z
      .array(conversationMessage)
      .describe('The messages of all branches, the oldest first. `parent_id` makes them a tree.'),
  })
  .meta({ id: 'WholeConversation' });
export type WholeConversation = z.infer<typeof wholeConversation>;

export const createConversationRequest = z
  .strictObject({
    id: resourceId
      .optional()
      .describe(
        'The id of the conversation, a UUID that you choose. If you have a conversation with this id, it is returned unchanged.',
      ),
    title: title.optional().describe('The title. Made from `message` if it is left out.'),
    settings: conversationSettings.optional().describe('The settings. Defaults to none.'),
    message: newMessage.optional().describe('The first message. Its `parent_id` must be null.'),
  })
  .refine(({ message: first }) => first === undefined || first.parent_id === null, {
    path: ['message', 'parent_id'],
    message: 'The first message follows no other: send null',
  })
  .meta({ id: 'CreateConversationRequest' });
export type CreateConversationRequest = z.infer<typeof createConversationRequest>;

export const conversationPatch = z
  .strictObject({
    title,
    settings: conversationSettings.describe('The settings, all of them.'),
    shown_message_id: resourceId.describe('The last message of the branch to show.'),
  })
  .partial()
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'Send at least one field')
  .meta({ id: 'UpdateConversationRequest' });
export type ConversationPatch = z.infer<typeof conversationPatch>;

/** The query of the list of conversations. */
export const conversationListParams = pageParams.extend({
  search: z
    .string()
    .trim()
    .min(1)
    .max(TITLE_MAX)
    .optional()
    .describe('A part of the title, in upper or lower case.'),
});
export type ConversationListParams = z.infer<typeof conversationListParams>;
