/** So many passwords wait to be hashed here that another would wait too long. Nothing was decided about it. */
export class TooManyHashes extends Error {
  override readonly name = 'TooManyHashes';
}

/**
 * Lets a few pieces of work run at a time and a few more wait, in order. Hashing keeps the one thread of an isolate busy, which all its
 * requests share: without a limit, a hundred sign-ins at once stop every other request for seconds.
 */
export class HashingQueue {
  readonly #running_max: number;
  readonly #waiting_max: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor({ running_max, waiting_max }: { running_max: number; waiting_max: number }) {
    this.#running_max = running_max;
    this.#waiting_max = waiting_max;
  }

  /** Runs the work when its turn comes. Throws {@link TooManyHashes} if too many wait already. */
  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running < this.#running_max) this.#running += 1;
    else {
      if (this.#waiting.length >= this.#waiting_max)
        throw new TooManyHashes(`${this.#waiting.length} passwords wait to be hashed`);
      // Who ends hands its place on.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
