import { QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useAuth } from '../features/auth/auth-context.tsx';
import { createQueryClient } from './query-client.ts';

/**
 * Gives each session a cache of its own: when a session ends, or another user signs in, nothing that was read before can be
 * seen, not even an answer that arrives late.
 */
export function ServerState({ children }: { children: ReactNode }) {
  const userId = useAuth().user?.id ?? null;
  const [session, setSession] = useState(() => ({ userId, client: createQueryClient() }));
  if (session.userId !== userId) setSession({ userId, client: createQueryClient() });

  const current = useRef(session.client);
  useEffect(() => {
    if (current.current !== session.client) current.current.clear();
    current.current = session.client;
  }, [session.client]);

  // Queries that are mounted stay with the cache they began with: the pages are mounted anew with it.
  return (
    <QueryClientProvider key={session.userId} client={session.client}>
      {children}
    </QueryClientProvider>
  );
}
