import type { ProviderFailure, StreamPatience } from '../provider.ts';
import { cancelled, timedOut } from './failure.ts';

/** The end of a wait: the value, the error, or the failure that ended the wait from our side. */
export type Outcome<T> =
  | { is: 'value'; value: T }
  | { is: 'error'; error: unknown }
  | { is: 'stopped'; failure: ProviderFailure };

/**
 * Ends a stream from our side: when the caller cancels, when the call's time is over, or when no event arrives in time. It
 * does not rely on the SDK or the socket to notice an abort.
 */
export class Watch {
  readonly #controller = new AbortController();
  #failure: ProviderFailure | null = null;
  /** Ends the current wait. There is one at a time: a promise to race against would retain every wait of a long stream. */
  #interrupt: (failure: ProviderFailure) => void = () => {};
  readonly #callerSignal: AbortSignal;
  readonly #onCancel = () => this.stop(cancelled);
  readonly #callTimer: ReturnType<typeof setTimeout>;
  readonly #firstEventTimer: ReturnType<typeof setTimeout>;

  constructor(timeout_ms: number, { first_event_timeout_ms }: StreamPatience, callerSignal: AbortSignal) {
    this.#callerSignal = callerSignal;
    callerSignal.addEventListener('abort', this.#onCancel, { once: true });
    this.#callTimer = this.#stopAfter(timeout_ms);
    this.#firstEventTimer = this.#stopAfter(first_event_timeout_ms);
  }

  /** Aborts the provider's connection. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #stopAfter(ms: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.stop(timedOut(ms)), ms);
  }

  /** The first event has arrived: its timer no longer runs. */
  begun(): void {
    clearTimeout(this.#firstEventTimer);
  }

  /** Ends the current wait, all later ones, and the connection. Only the first failure counts. */
  stop(failure: ProviderFailure): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    this.end();
    this.#interrupt(failure);
  }

  /** Ends the connection if it is open, and clears the timers. */
  end(): void {
    clearTimeout(this.#callTimer);
    clearTimeout(this.#firstEventTimer);
    this.#callerSignal.removeEventListener('abort', this.#onCancel);
    this.#controller.abort();
  }

  /** Waits for `promise`, at most `timeout_ms` unless null. A rejection is an outcome, also after the wait has ended. */
  async wait<T>(promise: Promise<T>, timeout_ms: number | null): Promise<Outcome<T>> {
    const ended = Promise.withResolvers<Outcome<T>>();
    this.#interrupt = (failure) => ended.resolve({ is: 'stopped', failure });
    promise.then(
      (value) => ended.resolve({ is: 'value', value }),
      (error: unknown) => ended.resolve({ is: 'error', error }),
    );
    if (this.#failure !== null) this.#interrupt(this.#failure);
    const timer = timeout_ms === null ? null : this.#stopAfter(timeout_ms);
    const outcome = await ended.promise;
    if (timer !== null) clearTimeout(timer);
    return outcome;
  }
}
