import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import type { CreateExecutionResponse, Execution, Model } from '../../../../contracts/api/executions.ts';
import type { ApiError } from '../../lib/api-client.ts';
import { useAuth } from '../auth/auth-context.tsx';

/** One prompt and what became of it. */
export type Turn = {
  id: string;
  prompt: string;
  model: string;
  started_at_ms: number;
  outcome: /** `text` is what was said so far. */
    | { state: 'running'; text: string }
    /** The person stopped it; what was said by then is charged. */
    | { state: 'stopped'; text: string }
    | { state: 'answered'; execution: CreateExecutionResponse }
    /** It runs on its own, or did: as it stood when it was last looked at. */
    | { state: 'background'; execution: Execution }
    | { state: 'failed'; error: ApiError };
};

export type PromptSettings = { model: string | null; system: string; max_output_tokens: number | null };

type Conversation = {
  /** The price list as last read: null until it was, kept so that coming back shows no gap. */
  models: Model[] | null;
  setModels(models: Model[]): void;
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
 * The playground's conversation. It lives above the pages, so that looking at the wallet, or signing in again after a
 * session ran out, does not lose it. Signing out does, and so does another person signing in.
 */
export function ConversationProvider({ children }: { children: ReactNode }) {
  const { user, ended } = useAuth();
  const [ownerId, setOwnerId] = useState<string | null>(null);
  const [models, setModels] = useState<Model[] | null>(null);
  const [turns, setTurns] = useState<Turn[]>([]);
  const [draft, setDraft] = useState('');
  const [settings, setSettings] = useState(noSettings);

  const owner = user?.id ?? (ended?.byChoice ? null : ownerId);
  if (owner !== ownerId) {
    setOwnerId(owner);
    setModels(null);
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
      models,
      turns,
      draft,
      settings,
      setModels,
      setDraft,
      setSettings,
      putTurn,
      dropTurn: (id) => setTurns((known) => known.filter((turn) => turn.id !== id)),
      clear: () => setTurns([]),
    }),
    [models, turns, draft, settings, putTurn],
  );
  return <ConversationContext value={value}>{children}</ConversationContext>;
}

export function useConversation(): Conversation {
  const value = useContext(ConversationContext);
  if (value === null) throw new Error('useConversation needs a ConversationProvider above it');
  return value;
}

/** The newest execution of this conversation: lists read from the database may not have it yet. */
export function useNewestExecutionId(): string | null {
  const ids = useConversation().turns.flatMap(({ outcome }) =>
    outcome.state === 'answered' || outcome.state === 'background' ? [outcome.execution.id] : [],
  );
  return ids.at(-1) ?? null;
}
