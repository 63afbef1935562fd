/**
 * A failed run is retried after 5 s, doubling with each failure in a row up to 60 s. The alarm never throws: the platform
 * gives up an alarm after six failures.
 */
const BACKOFF_MIN_MS = 5_000;
const BACKOFF_MAX_MS = 60_000;

/** Sets the object's one alarm for the earliest due time. */
export class AlarmScheduler {
  readonly #ctx: DurableObjectState;
  /** The time the alarm is set for; null when it is not set. Cached, since `getAlarm` is asynchronous. */
  #dueMs: number | null = null;
  #failuresInARow = 0;
  /** The alarm does not run before this time. */
  #backoffUntilMs = 0;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  /** Reads the alarm that the object had set before it was evicted. */
  async load(): Promise<void> {
    this.#dueMs = await this.#ctx.storage.getAlarm();
  }

  /** Notes that the alarm has run and is no longer set. */
  markFired(): void {
    this.#dueMs = null;
  }

  /** Records how the run ended: after a failure the next run waits, since the same work is still due and would fail again. */
  recordRun(succeeded: boolean): void {
    this.#failuresInARow = succeeded ? 0 : this.#failuresInARow + 1;
    const backoffMs = BACKOFF_MIN_MS * 2 ** Math.min(this.#failuresInARow - 1, 10);
    this.#backoffUntilMs = succeeded ? 0 : Date.now() + Math.min(backoffMs, BACKOFF_MAX_MS);
  }

  /** Makes the alarm run at `dueMs` or earlier. Writes a row only when that moves the alarm forward; commits with the surrounding writes. */
  scheduleBy(dueMs: number): void {
    const atMs = Math.max(dueMs, this.#backoffUntilMs);
    if (this.#dueMs !== null && this.#dueMs <= atMs) return;
    this.#dueMs = atMs;
    this.#ctx.waitUntil(this.#ctx.storage.setAlarm(atMs));
  }
}
