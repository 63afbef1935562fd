import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import type { CreateExecutionResponse, Execution } from '../../../../contracts/api/executions.ts';
import type { ApiError } from '../../lib/api-client.ts';
import { useAuth } from '../auth/auth-context.tsx';

/** One prompt and its outcome. */
export type Turn = {
  id: string;
  prompt: string;
  model: string;
  started_at_ms: number;
  outcome: /** `text` is the answer so far. */
    | { state: 'running'; text: string }
    /** The user stopped it and pays for the answer so far, `text`. */
    | { state: 'stopped'; text: string }
    | { state: 'answered'; execution: CreateExecutionResponse }
    /** A background run, as last read. */
    | { state: 'background'; execution: Execution }
    | { state: 'failed'; error: ApiError };
};

export type PromptSettings = { model: string | null; system: string; max_output_tokens: number | null };

type Conversation = {
  turns: Turn[];
  draft: string;
  settings: PromptSettings;
  setDraft(draft: string): void;
  setSettings(settings: PromptSettings): void;
  /** Adds a turn, or replaces the one with its id. Stable. */
  putTurn(turn: Turn): void;
  dropTurn(id: string): void;
  clear(): void;
};

const noSettings: PromptSettings = { model: null, system: '', max_output_tokens: null };

const ConversationContext = createContext<Conversation | null>(null);

/**
 * Keeps the playground's conversation above the pages. It survives a visit to another page and a session that expired. It ends when
 * the user signs out, or another user signs in.
 */
export function ConversationProvider({ children }: { children: ReactNode }) {
  const { user, ended } = useAuth();
  const [ownerId, setOwnerId] = useState<string | null>(null);
  const [turns, setTurns] = useState<Turn[]>([]);
  const [draft, setDraft] = useState('');
  const [settings, setSettings] = useState(noSettings);

  const owner = user?.id ?? (ended?.byChoice ? null : ownerId);
  if (owner !== ownerId) {
    setOwnerId(owner);
    setTurns([]);
    setDraft('');
    setSettings(noSettings);
  }

  const putTurn = useCallback(
    (turn: Turn) =>
      setTurns((known) =>
        known.some(({ id }) => id === turn.id)
          ? known.map((other) => (other.id === turn.id ? turn : other))
          : [...known, turn],
      ),
    [],
  );

  const value = useMemo<Conversation>(
    () => ({
      turns,
      draft,
      settings,
      setDraft,
      setSettings,
      putTurn,
      dropTurn: (id) => setTurns((known) => known.filter((turn) => turn.id !== id)),
      clear: () => setTurns([]),
    }),
    [turns, draft, settings, putTurn],
  );
  return <ConversationContext value={value}>{children}</ConversationContext>;
}

export function useConversation(): Conversation {
  const value = useContext(ConversationContext);
  if (value === null) throw new Error('useConversation needs a ConversationProvider above it');
  return value;
}

/** The id of the conversation's newest execution, or null. Lists from the database may lack it for about a second. */
export function useNewestExecutionId(): string | null {
  const ids = useConversation().turns.flatMap(({ outcome }) =>
    outcome.state === 'answered' || outcome.state === 'background' ? [outcome.execution.id] : [],
  );
  return ids.at(-1) ?? null;
}
