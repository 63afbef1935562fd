/** What failed is tried again after this, and twice as long after each failure in a row: the platform would give up after six. */
const REST_MIN_MS = 5_000;
const REST_MAX_MS = 60_000;

/** The object's one alarm, set for whatever is due first. */
export class AlarmClock {
  readonly #ctx: DurableObjectState;
  /** When it is set for; null when it is not. Kept here because asking the platform each time costs a wait. */
  #dueMs: number | null = null;
  #failuresInARow = 0;
  /** It does not ring before then, whatever is due. */
  #restUntilMs = 0;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  /** Learns what an earlier life of the object had set. */
  async load(): Promise<void> {
    this.#dueMs = await this.#ctx.storage.getAlarm();
  }

  /** The alarm rings: it is set no more. */
  rang(): void {
    this.#dueMs = null;
  }

  /** Whether what was due got done. What failed is still due, and trying again at once would change nothing and cost a lot. */
  done(succeeded: boolean): void {
    this.#failuresInARow = succeeded ? 0 : this.#failuresInARow + 1;
    const restMs = REST_MIN_MS * 2 ** Math.min(this.#failuresInARow - 1, 10);
    this.#restUntilMs = succeeded ? 0 : Date.now() + Math.min(restMs, REST_MAX_MS);
  }

  /** Setting the alarm is a row written, so only when it is earlier than planned. Commits with the writes around it. */
  wakeBy(dueMs: number): void {
    const atMs = Math.max(dueMs, this.#restUntilMs);
    if (this.#dueMs !== null && this.#dueMs <= atMs) return;
    this.#dueMs = atMs;
    this.#ctx.waitUntil(this.#ctx.storage.setAlarm(atMs));
  }
}
