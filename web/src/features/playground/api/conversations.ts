import { mutationOptions, queryOptions } from '@tanstack/react-query';
import type {
  AnswerContent,
  ConversationSettings,
  NewMessage,
} from '../../../../../contracts/api/conversations.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';

/** The key of every list of conversations. */
export const CONVERSATIONS_KEY = ['conversations'] as const;

/** The user's conversations whose title has a text, the last used first. */
export const conversationsQuery = (search: string) =>
  pagedOptions([...CONVERSATIONS_KEY, { search }], (cursor) =>
    ask(api.conversations.$get({ query: { ...pageQuery(cursor), ...(search === '' ? {} : { search }) } })),
  );

/** One conversation with its messages. */
export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: ['conversation', id],
    queryFn: () => ask(api.conversations[':id'].$get({ param: { id } })),
    // The page holds it from then on.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

/** Renames a conversation. */
export const renameConversation = (id: string) =>
  mutationOptions({
    mutationFn: (title: string) => ask(api.conversations[':id'].$patch({ param: { id }, json: { title } })),
    meta: { invalidates: [CONVERSATIONS_KEY] },
  });

/** Deletes a conversation. */
export const deleteConversation = (id: string) =>
  mutationOptions({
    mutationFn: () => ask(api.conversations[':id'].$delete({ param: { id } })),
    meta: { invalidates: [CONVERSATIONS_KEY] },
  });

/** Deletes all conversations. */
export const deleteConversations = mutationOptions({
  mutationFn: () => ask(api.conversations.$delete()),
  meta: { invalidates: [CONVERSATIONS_KEY] },
});

export const postConversation = (id: string, settings: ConversationSettings, message: NewMessage) =>
  ask(api.conversations.$post({ json: { id, settings, message } }));

export const postMessage = (id: string, message: NewMessage) =>
  ask(api.conversations[':id'].messages.$post({ param: { id }, json: message }));

export const patchAnswer = (id: string, message_id: string, answer: AnswerContent) =>
  ask(api.conversations[':id'].messages[':message_id'].$patch({ param: { id, message_id }, json: answer }));

export const patchConversation = (
  id: string,
  json: { settings?: ConversationSettings; shown_message_id?: string },
) => ask(api.conversations[':id'].$patch({ param: { id }, json }));
