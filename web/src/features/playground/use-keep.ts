import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import type { AnswerContent, NewMessage } from '../../../../contracts/api/conversations.ts';
import { ApiError } from '../../lib/api-client.ts';
import { tenantSettingsQuery } from '../settings/api/tenant-settings.ts';
import {
  CONVERSATIONS_KEY,
  patchAnswer,
  patchConversation,
  postConversation,
  postMessage,
} from './api/conversations.ts';
import { useConversationStore } from './conversation-context.tsx';
import type { ConversationStore, LocalAnswer, LocalMessage } from './conversation-store.ts';

/** True if the tenant keeps conversations; undefined while that is not known. */
export const useKeepsConversations = (): boolean | undefined =>
  useQuery(tenantSettingsQuery).data?.keeps_conversations;

/** The part of an answer that the server keeps. */
const answerOf = (answer: LocalAnswer): AnswerContent => ({
  role: 'assistant',
  ...{ model: answer.model, text: answer.text, reasoning: answer.reasoning, state: answer.state },
  ...{ execution_id: answer.execution_id, failure: answer.failure, receipt: answer.receipt },
});

const newMessageOf = (message: LocalMessage): NewMessage => {
  const { id, parent_id } = message;
  return message.role === 'user'
    ? { id, parent_id, role: 'user', content: message.content }
    : { id, parent_id, ...answerOf(message) };
};

/** Sends what the server does not have yet of a conversation: its messages in order, and changed settings. */
async function send(store: ConversationStore, client: QueryClient, id: string): Promise<void> {
  const waiting = store.threadOf(id).messages.filter(({ isKept, live }) => !isKept && live === undefined);
  if (waiting.length === 0) return;
  for (const message of waiting) {
    const { settings, kept_settings } = store.threadOf(id);
    if (kept_settings === null) await postConversation(id, settings, newMessageOf(message));
    else {
      if (settings !== kept_settings) await patchConversation(id, { settings });
      await postMessage(id, newMessageOf(message));
    }
    store.change(id, { kept_settings: settings });
    const now = store.threadOf(id).messages.find((known) => known.id === message.id);
    if (now !== undefined) store.put(id, { ...now, isKept: true });
  }
  client.invalidateQueries({ queryKey: CONVERSATIONS_KEY });
}

/** Keeps conversations on the server, where the tenant allows it. A refusal is noted in the conversation, which goes on without. */
export function useKeep() {
  const store = useConversationStore();
  const client = useQueryClient();

  function inOrder(id: string, work: () => Promise<void>) {
    store
      .inOrder(id, async () => {
        const { keeps_conversations } = await client.ensureQueryData(tenantSettingsQuery);
        if (!keeps_conversations) return;
        await work();
        if (store.threadOf(id).refusal !== null) store.change(id, { refusal: null });
      })
      .catch((error) => {
        if (!(error instanceof ApiError)) throw error;
        store.change(id, { refusal: error });
      });
  }

  return {
    /** Sends what the server does not have yet. */
    keep: (id: string) => inOrder(id, () => send(store, client, id)),
    /** Replaces an answer that the server has. */
    complete(id: string, answer: LocalAnswer) {
      store.put(id, answer);
      inOrder(id, async () => {
        // One that is not kept yet is sent as it is now.
        const isKept = store.threadOf(id).messages.some((known) => known.id === answer.id && known.isKept);
        if (isKept) await patchAnswer(id, answer.id, answerOf(answer));
      });
    },
    /** Notes the branch that is shown. */
    show(id: string, shown_id: string) {
      store.change(id, { shown_id });
      const message = store.threadOf(id).messages.find((known) => known.id === shown_id);
      if (message?.isKept)
        inOrder(id, async () => {
          await patchConversation(id, { shown_message_id: shown_id });
        });
    },
  };
}
