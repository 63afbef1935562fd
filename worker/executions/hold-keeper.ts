import type { Dependencies } from '../runtime/dependencies.ts';
import { callWallet } from '../wallet-access/wallet-client.ts';
import type { Begun } from './begin-execution.ts';

/** Not more often than this, however short a policy's reservations live. */
const INTERVAL_MIN_MS = 1_000;

type Hold = Pick<Begun, 'wallet' | 'start' | 'expires_at_ms'>;

/**
 * Keeps a reservation alive while its execution runs: half-way to its deadline it asks for more time, again and again. When the
 * wallet gives none, because the user was disabled, the key revoked or the hold is gone, `onRefused` is called and it stops. A
 * wallet that cannot be reached is asked again until the deadline: what is said after it nobody could be charged for.
 */
export class HoldKeeper {
  readonly #deps: Pick<Dependencies, 'wallets' | 'log'>;
  readonly #hold: Hold;
  readonly #onRefused: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: Pick<Dependencies, 'wallets' | 'log'>, hold: Hold, onRefused: () => void) {
    this.#deps = deps;
    this.#hold = hold;
    this.#onRefused = onRefused;
    this.#askBefore(hold.expires_at_ms);
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
    const { wallet, start } = this.#hold;
    const answer = await callWallet(this.#deps, wallet, (stub) =>
      stub.extend({ wallet, execution_id: start.id }),
    );
    if (this.#timer === undefined) return;
    if (answer.ok && answer.value.ok) this.#askBefore(answer.value.expires_at_ms);
    else if (!answer.ok && Date.now() < deadlineMs) this.#askBefore(deadlineMs);
    else this.#onRefused();
  }
}
