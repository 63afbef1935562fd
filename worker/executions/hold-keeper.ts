import type { Dependencies } from '../runtime/dependencies.ts';
import { callWallet } from '../wallet-access/wallet-client.ts';
import type { ReservedExecution } from './begin.ts';

/** Shortest time between two extensions, however short the policy's reservations live. */
const INTERVAL_MIN_MS = 1_000;

type Reservation = Pick<ReservedExecution, 'wallet' | 'start' | 'expires_at_ms'>;

/**
 * Extends a reservation while its execution runs, each time half-way to its deadline. Calls `onRefused` and stops when the wallet refuses:
 * the user was disabled, the API key was revoked, or the reservation is gone. A wallet that cannot be reached is asked again until the
 * deadline, since output after it cannot be charged.
 */
export class HoldKeeper {
  readonly #deps: Pick<Dependencies, 'wallets' | 'log'>;
  readonly #reservation: Reservation;
  readonly #onRefused: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: Pick<Dependencies, 'wallets' | 'log'>, reservation: Reservation, onRefused: () => void) {
    this.#deps = deps;
    this.#reservation = reservation;
    this.#onRefused = onRefused;
    this.#askBefore(reservation.expires_at_ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #askBefore(deadlineMs: number): void {
    const delayMs = Math.max(INTERVAL_MIN_MS, (deadlineMs - Date.now()) / 2);
    this.#timer = setTimeout(() => this.#extend(deadlineMs), delayMs);
  }

  async #extend(deadlineMs: number): Promise<void> {
    const { wallet, start } = this.#reservation;
    const answer = await callWallet(this.#deps, wallet, (stub) =>
      stub.extend({ wallet, execution_id: start.id }),
    );
    if (this.#timer === undefined) return;
    if (answer.ok && answer.value.ok) this.#askBefore(answer.value.expires_at_ms);
    else if (!answer.ok && Date.now() < deadlineMs) this.#askBefore(deadlineMs);
    else this.#onRefused();
  }
}
