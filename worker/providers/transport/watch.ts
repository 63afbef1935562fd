import type { ProviderFailure, StreamPatience } from '../provider.ts';
import { cancelled, timedOut } from './failure.ts';

/** The end of a wait: the value, the error, or the failure that ended the wait from our side. */
export type Outcome<T> =
  | { is: 'value'; value: T }
  | { is: 'error'; error: unknown }
  | { is: 'stopped'; failure: ProviderFailure };

/** A time limit that runs, and its length, which the failure names. */
type Limit = { ends_at_ms: number; timeout_ms: number };

const limitOf = (timeout_ms: number): Limit => ({ ends_at_ms: Date.now() + timeout_ms, timeout_ms });

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
  readonly #call: Limit;
  #firstEvent: Limit | null;
  #wait: Limit | null = null;
  /** One timer serves all limits, since setting one for each piece of a stream would cost more than reading it. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #rings_at_ms = Number.POSITIVE_INFINITY;

  constructor(timeout_ms: number, { first_event_timeout_ms }: StreamPatience, callerSignal: AbortSignal) {
    this.#callerSignal = callerSignal;
    callerSignal.addEventListener('abort', this.#onCancel, { once: true });
    this.#call = limitOf(timeout_ms);
    this.#firstEvent = limitOf(first_event_timeout_ms);
    this.#setTimer();
  }

  /** Aborts the provider's connection. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The running limit that ends first. */
  #nextLimit(): Limit {
    return [this.#firstEvent, this.#wait].reduce<Limit>(
      (next, limit) => (limit !== null && limit.ends_at_ms < next.ends_at_ms ? limit : next),
      this.#call,
    );
  }

  /** Sets the timer, unless it rings early enough: then it is set again when it does. */
  #setTimer(): void {
    const { ends_at_ms } = this.#nextLimit();
    if (ends_at_ms >= this.#rings_at_ms) return;
    clearTimeout(this.#timer);
    this.#rings_at_ms = ends_at_ms;
    this.#timer = setTimeout(() => this.#ring(), Math.max(0, ends_at_ms - Date.now()));
  }

  #ring(): void {
    this.#rings_at_ms = Number.POSITIVE_INFINITY;
    const { ends_at_ms, timeout_ms } = this.#nextLimit();
    if (ends_at_ms <= Date.now()) this.stop(timedOut(timeout_ms));
    else this.#setTimer();
  }

  /** The first event has arrived: its limit no longer runs. */
  begun(): void {
    this.#firstEvent = null;
  }

  /** Ends the current wait, all later ones, and the connection. Only the first failure counts. */
  stop(failure: ProviderFailure): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    this.abort();
    this.#interrupt(failure);
  }

  /** Ends the limits. */
  end(): void {
    clearTimeout(this.#timer);
    this.#callerSignal.removeEventListener('abort', this.#onCancel);
  }

  /** Ends the limits, and the connection if it is open. */
  abort(): void {
    this.end();
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
    else if (timeout_ms !== null) {
      this.#wait = limitOf(timeout_ms);
      this.#setTimer();
    }
    const outcome = await ended.promise;
    this.#wait = null;
    return outcome;
  }
}
