import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from 'react';
import { useAuth } from '../auth/auth-context.tsx';
import { ConversationStore, type Thread } from './conversation-store.ts';

const ConversationContext = createContext<ConversationStore | null>(null);

/**
 * Keeps the playground's conversations above the pages. They survive a visit to another page and a session that expired. They end when
 * the user signs out, or another user signs in.
 */
export function ConversationProvider({ children }: { children: ReactNode }) {
  const { user, ended } = useAuth();
  const [held, setHeld] = useState<{ ownerId: string | null; store: ConversationStore }>(() => ({
    ...{ ownerId: null, store: new ConversationStore() },
  }));
  const owner = user?.id ?? (ended?.byChoice ? null : held.ownerId);
  if (owner !== held.ownerId) setHeld({ ownerId: owner, store: new ConversationStore() });
  return <ConversationContext value={held.store}>{children}</ConversationContext>;
}

/** Returns what holds the conversations. */
export function useConversationStore(): ConversationStore {
  const store = useContext(ConversationContext);
  if (store === null) throw new Error('useConversationStore needs a ConversationProvider above it');
  return store;
}

/** Returns a conversation, again after each change. */
export function useThread(id: string): Thread {
  const store = useConversationStore();
  return useSyncExternalStore(store.subscribe, () => store.threadOf(id));
}

/** Returns the id of the conversation that is begun next. */
export function useFreshId(): string {
  const store = useConversationStore();
  return useSyncExternalStore(store.subscribe, () => store.freshId);
}

/** The id of the newest execution of the playground, or null. Lists from the database may lack it for about a second. */
export const useNewestExecutionId = (): string | null => useConversationStore().newestExecutionId;
