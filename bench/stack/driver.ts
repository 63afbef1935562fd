import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { Counts } from '../driver/counters.ts';
import type { PairsPlan } from '../driver/pairs.ts';
import type { RunningWorker } from './worker.ts';

/** Talks to the driver Worker (bench/driver/worker.ts). */
export class Driver {
  readonly worker: RunningWorker;

  constructor(worker: RunningWorker) {
    this.worker = worker;
  }

  runPairs(plan: PairsPlan): Promise<number[]> {
    return this.#post('pairs', plan);
  }

  counts(): Promise<Counts> {
    return this.#post('counts', null);
  }

  async resetCounts(): Promise<void> {
    await this.#post('reset', null);
  }

  /** Holds the alarms of all wallets back, so that their entries gather. */
  async holdAlarms(): Promise<void> {
    await this.#post('hold', null);
  }

  /** Lets alarms ring again, and rings those of `wallets` at once. */
  async releaseAlarms(wallets: WalletIdentity[]): Promise<void> {
    await this.#post('release', wallets);
  }

  /** Lets eight days pass, and returns the rows that `wallets` write to forget what they keep no longer. */
  prune(wallets: WalletIdentity[]): Promise<number> {
    return this.#post('prune', wallets);
  }

  async #post<Answer>(command: string, body: unknown): Promise<Answer> {
    const answer = await fetch(`http://127.0.0.1:${this.worker.port}/driver/${command}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`The driver answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Answer;
  }
}
