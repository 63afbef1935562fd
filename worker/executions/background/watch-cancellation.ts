import type { ContentsKey } from '../../db/executions/contents.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { callWallet } from '../../wallet-access/wallet-client.ts';

/** Time between two questions to the wallet: a quarter of the time so far, within these bounds. */
const INTERVAL_MS = { min: 1_000, max: 5_000 };

/**
 * Asks the wallet now and then whether the execution goes on, and aborts `signal` if it was cancelled or its reservation has ended. A
 * wallet that cannot be reached is asked again. A question writes nothing.
 */
export class CancellationWatch {
  readonly #deps: Pick<Dependencies, 'wallets' | 'log'>;
  readonly #key: ContentsKey;
  readonly #controller = new AbortController();
  readonly #beganAtMs = Date.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: Pick<Dependencies, 'wallets' | 'log'>, key: ContentsKey) {
    this.#deps = deps;
    this.#key = key;
    this.#askLater();
  }

  /** Aborts when the execution does not go on. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #askLater(): void {
    const { min, max } = INTERVAL_MS;
    const delayMs = Math.min(max, Math.max(min, (Date.now() - this.#beganAtMs) / 4));
    this.#timer = setTimeout(() => this.#ask(), delayMs);
  }

  async #ask(): Promise<void> {
    const { tenant_id, user_id, execution_id } = this.#key;
    const wallet = { tenant_id, user_id };
    const answer = await callWallet(this.#deps, wallet, (stub) => stub.check({ wallet, execution_id }));
    if (this.#timer === undefined) return;
    if (answer.ok && answer.value.ok && !answer.value.goes_on) this.#controller.abort();
    else this.#askLater();
  }
}
