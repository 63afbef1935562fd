import { signalProcess } from './processes.ts';

/** Somebody asked to stop: not a failure. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** A failure whose message says all there is to say. */
export class StackFailure extends Error {
  override readonly name = 'StackFailure';
}

type Startable = {
  /** The leader of its process group, when the part is a process of its own. */
  pid?: number;
  /** Settles when it ends by itself, when it can. */
  exited?: Promise<void>;
  stop(): Promise<void>;
};

/** Starts parts one after the other, notices when one ends by itself, and stops them in the opposite order. */
export class Supervisor {
  readonly #parts: { name: string; part: Startable }[] = [];
  readonly #abort = new AbortController();

  /** Aborted as soon as everything is to stop; its reason is {@link Interrupted} or the failure. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Starts a part. Throws the reason when we are stopping. */
  async start<Part extends Startable>(name: string, begin: () => Promise<Part>): Promise<Part> {
    this.signal.throwIfAborted();
    const part = await begin();
    this.#parts.push({ name, part });
    part.exited?.then(() => this.#abort.abort(new StackFailure(`${name} ended unexpectedly.`)));
    this.signal.throwIfAborted();
    return part;
  }

  /** Asks for everything to stop; what is being started ends at its next step. */
  interrupt(): void {
    this.#abort.abort(new Interrupted('Interrupted'));
  }

  /** Settles, by throwing the reason, when everything is to stop. */
  async untilAborted(): Promise<never> {
    if (!this.signal.aborted) {
      await new Promise((resolve) => this.signal.addEventListener('abort', resolve, { once: true }));
    }
    throw this.signal.reason;
  }

  /** Stops every part; one that fails to does not keep the others. Answers what failed. */
  async stop(): Promise<string[]> {
    this.interrupt();
    const failures: string[] = [];
    for (const { name, part } of this.#parts.reverse()) {
      await part.stop().catch((error) => failures.push(`${name} did not stop cleanly: ${String(error)}`));
    }
    return failures;
  }

  /** Ends every process at once, with nothing said to it. Its data is as safe as in a crash. */
  kill(): void {
    for (const { part } of this.#parts) {
      if (part.pid !== undefined) signalProcess(-part.pid, 'SIGKILL');
    }
  }
}
