import { QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useAuth } from '../features/auth/auth-context.tsx';
import { createQueryClient } from './query-client.ts';

/**
 * Provides a query cache for each session. After a session ends or another user signs in, data of the previous session cannot be seen,
 * and neither can an answer that arrives late.
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

  // The key remounts the pages: a mounted query keeps the cache it started with.
  return (
    <QueryClientProvider key={session.userId} client={session.client}>
      {children}
    </QueryClientProvider>
  );
}
