import type { EndedSession } from '../../contracts/wallet/ended-session.ts';

/** The key of the stored list. It is no table, since it belongs to no entry. */
const KEY = 'ended-sessions';

/** The most sessions that are remembered one by one, until they expire by themselves. */
const SESSIONS_MAX = 200;

/** The sessions that were ended one by one. One row is written for each end. */
export class EndedSessions {
  readonly #storage: DurableObjectStorage;
  #known: EndedSession[] | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  has(id: string | null): boolean {
    return id !== null && this.#list().some((one) => one.id === id);
  }

  /**
   * Remembers that a session was ended. Returns the second up to which all sessions have to be revoked instead, if there are too many to
   * remember: that at which the oldest of them was issued.
   */
  add(session: EndedSession, nowMs: number): number | null {
    if (this.has(session.id)) return null;
    const current = [...this.#list(), session].filter(({ expires_at_s }) => expires_at_s * 1_000 > nowMs);
    current.sort((a, b) => a.issued_at_s - b.issued_at_s);
    const forgotten = current.splice(0, Math.max(0, current.length - SESSIONS_MAX));
    this.#storage.kv.put(KEY, current);
    this.#known = current;
    return forgotten.at(-1)?.issued_at_s ?? null;
  }

  #list(): EndedSession[] {
    this.#known ??= this.#storage.kv.get<EndedSession[]>(KEY) ?? [];
    return this.#known;
  }
}
