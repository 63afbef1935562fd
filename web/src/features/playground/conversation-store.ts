import type {
  ConversationMessage,
  ConversationSettings,
  WholeConversation,
} from '../../../../contracts/api/conversations.ts';
import type { ApiError } from '../../lib/api-client.ts';
import type { Attachment } from './attachments.ts';

/** Facts of a message that only this page knows. `live`: its answer is being streamed. `isKept`: the server has it. */
type Here = { isKept: boolean; live?: { started_at_ms: number } | undefined; error?: ApiError | undefined };

/** A prompt or an answer as the page holds it. */
export type LocalMessage = ConversationMessage & Here;
export type LocalPrompt = Extract<LocalMessage, { role: 'user' }>;
export type LocalAnswer = Extract<LocalMessage, { role: 'assistant' }>;

/** A conversation as the page holds it. */
export type Thread = {
  messages: LocalMessage[];
  /** The last message of the branch that is shown. */
  shown_id: string | null;
  settings: ConversationSettings;
  /** The settings that the server has; null before it has the conversation. */
  kept_settings: ConversationSettings | null;
  draft: string;
  attachments: Attachment[];
  /** The reason why the server keeps no more of it. */
  refusal: ApiError | null;
};

const noSettings: ConversationSettings = {
  ...{ model: null, system: '', temperature: null, top_p: null, max_output_tokens: null },
};

const emptyThread = (model: string | null): Thread => ({
  ...{ messages: [], shown_id: null, settings: { ...noSettings, model }, kept_settings: null },
  ...{ draft: '', attachments: [], refusal: null },
});

/**
 * Holds the conversations of one user above the pages, so that answers go on while other pages are open. Each change makes a new
 * {@link Thread}.
 */
export class ConversationStore {
  /** The id of the conversation that is begun next. */
  freshId: string = crypto.randomUUID();
  /** The conversation that was open last, where the playground goes on. Null for a new one. */
  openId: string | null = null;
  newestExecutionId: string | null = null;
  readonly #threads = new Map<string, Thread>();
  readonly #listeners = new Set<() => void>();
  readonly #stoppers = new Map<string, AbortController>();
  readonly #order = new Map<string, Promise<void>>();
  /** Deleted conversations, whose running answers are dropped. */
  readonly #deleted = new Set<string>();
  #lastModel: string | null = null;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Returns a conversation; an empty one if the page holds none with this id. */
  threadOf(id: string): Thread {
    const known = this.#threads.get(id);
    if (known !== undefined) return known;
    const fresh = emptyThread(this.#lastModel);
    this.#threads.set(id, fresh);
    return fresh;
  }

  /** Changes a conversation. */
  change(id: string, patch: Partial<Thread>): void {
    if (patch.settings !== undefined) this.#lastModel = patch.settings.model;
    this.#threads.set(id, { ...this.threadOf(id), ...patch });
    this.#tell();
  }

  /** Adds a message, or replaces the one with its id. A new message is shown. */
  put(id: string, message: LocalMessage): void {
    if (this.#deleted.has(id)) return;
    const { messages, shown_id } = this.threadOf(id);
    const isKnown = messages.some((known) => known.id === message.id);
    this.change(id, {
      messages: isKnown
        ? messages.map((known) => (known.id === message.id ? message : known))
        : [...messages, message],
      shown_id: isKnown ? shown_id : message.id,
    });
  }

  /** Takes a conversation from the server. Messages that the page holds already stay as they are. */
  load(id: string, { messages, settings, shown_message_id }: WholeConversation): void {
    if (this.#deleted.has(id)) return;
    const held = this.threadOf(id);
    const known = new Map(held.messages.map((message) => [message.id, message]));
    const kept = messages.map(
      (message): LocalMessage => known.get(message.id) ?? { ...message, isKept: true },
    );
    const ids = new Set(kept.map((message) => message.id));
    this.change(id, {
      messages: [...kept, ...held.messages.filter((message) => !ids.has(message.id))],
      shown_id: held.shown_id ?? shown_message_id ?? kept.at(-1)?.id ?? null,
      ...(held.kept_settings === null ? { settings, kept_settings: settings } : {}),
    });
  }

  /** Notes the conversation that is open. */
  open(id: string): void {
    if (!this.#deleted.has(id)) this.openId = id;
  }

  /** Forgets a conversation that was deleted, and stops its answer. */
  forget(id: string): void {
    this.#deleted.add(id);
    this.#threads.delete(id);
    this.stop(id);
    if (id === this.freshId) this.freshId = crypto.randomUUID();
    if (id === this.openId) this.openId = null;
    this.#tell();
  }

  /** Forgets all conversations. */
  forgetAll(): void {
    for (const id of [...this.#threads.keys()]) this.forget(id);
    this.renew();
  }

  /** Makes place for a new conversation. */
  renew(): void {
    this.openId = null;
    this.freshId = crypto.randomUUID();
    this.#tell();
  }

  noteExecution(id: string): void {
    this.newestExecutionId = id;
  }

  /** Returns the signal that stops a conversation's answer. */
  begin(id: string): AbortSignal {
    const stopper = new AbortController();
    this.#stoppers.set(id, stopper);
    return stopper.signal;
  }

  /** Stops the running answer of a conversation. */
  stop(id: string): void {
    this.#stoppers.get(id)?.abort();
  }

  /** Runs the requests of a conversation one after the other. */
  inOrder(id: string, work: () => Promise<void>): Promise<void> {
    const next = (this.#order.get(id) ?? Promise.resolve()).then(work);
    this.#order.set(
      id,
      next.catch(() => undefined),
    );
    return next;
  }
}
