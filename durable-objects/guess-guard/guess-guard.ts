import { DurableObject } from 'cloudflare:workers';
import { type TryAnswer, type TryGuard, type TryLimit, tryLimit } from '../../contracts/tries.ts';
import { giveBackTry, type Tries, takeTry, UNTRIED } from './tries.ts';

const KEY = 'tries';

/**
 * Counts the tries of one subject, whichever isolate they reach: calls of an object take turns. Each allowed try writes one row, and a
 * refused one none. The object deletes itself when all tries have been given back.
 */
export class GuessGuard extends DurableObject<Env> implements TryGuard {
  async take(raw: TryLimit): Promise<TryAnswer> {
    const { tries, answer } = takeTry(this.#tries(), tryLimit.parse(raw), Date.now());
    if (answer.allowed) await this.#save(tries);
    return answer;
  }

  async giveBack(raw: TryLimit): Promise<void> {
    await this.#save(giveBackTry(this.#tries(), tryLimit.parse(raw)));
  }

  override async alarm(): Promise<void> {
    const { restored_at_ms } = this.#tries();
    if (restored_at_ms > Date.now()) await this.ctx.storage.setAlarm(restored_at_ms);
    else await this.ctx.storage.deleteAll();
  }

  #tries(): Tries {
    return this.ctx.storage.kv.get<Tries>(KEY) ?? UNTRIED;
  }

  async #save(tries: Tries): Promise<void> {
    this.ctx.storage.kv.put(KEY, tries);
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(tries.restored_at_ms);
  }
}
