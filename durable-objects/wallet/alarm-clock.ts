/** The object's one alarm, set for whatever is due first. */
export class AlarmClock {
  readonly #ctx: DurableObjectState;
  /** When it is set for; null when it is not. Kept here because asking the platform each time costs a wait. */
  #dueMs: number | null = null;

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

  /** Setting the alarm is a row written, so only when it is earlier than planned. Commits with the writes around it. */
  wakeBy(dueMs: number): void {
    if (this.#dueMs !== null && this.#dueMs <= dueMs) return;
    this.#dueMs = dueMs;
    this.#ctx.waitUntil(this.#ctx.storage.setAlarm(dueMs));
  }
}
