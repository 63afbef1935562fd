import type { WalletSubscription } from '../../contracts/wallet/wallet-subscription.ts';

type Ticket = NonNullable<WalletSubscription['ticket']>;

/** The key of the stored list. It is no table, since it belongs to no entry and ends within a minute. */
const KEY = 'used-tickets';

/** The most tickets that are remembered at once. More than this in 30 seconds is no browser that reconnects. */
const TICKETS_MAX = 200;

/**
 * The tickets that have opened a socket, until they expire by themselves. Stored, since the object may be evicted before: one row is
 * written for each socket.
 */
export class UsedTickets {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Uses a ticket. Returns false if it has expired or was used before, or if too many were used lately. */
  use({ id, expires_at_s }: Ticket, nowMs: number): boolean {
    const isCurrent = (ticket: Ticket) => ticket.expires_at_s * 1_000 > nowMs;
    const used = (this.#storage.kv.get<Ticket[]>(KEY) ?? []).filter(isCurrent);
    const isUsed = used.some((one) => one.id === id);
    if (isUsed || !isCurrent({ id, expires_at_s }) || used.length >= TICKETS_MAX) return false;
    this.#storage.kv.put(KEY, [...used, { id, expires_at_s }]);
    return true;
  }
}
