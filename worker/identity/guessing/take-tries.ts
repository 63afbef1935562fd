import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { TryLimit } from '../../../contracts/tries.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';

/** Somebody or something whose tries are counted, by name, and how many it has. */
export type Subject = { name: string; limit: TryLimit };

export type TryDependencies = Pick<Dependencies, 'guards' | 'log' | 'waitUntil'>;

/** A try that was taken. `giveBack`: it does not count after all. */
export type TakenTry = { giveBack(): void };
export type TryRefusal = { code: 'rate_limited'; retry_after_ms: number } | { code: 'unavailable' };

/**
 * Takes a try of every subject, in their order, or of none. It is counted at once, so that tries sent together count as many. Fails while
 * the objects that count cannot be reached.
 */
export async function takeTries(
  { guards, log, waitUntil }: TryDependencies,
  subjects: readonly Subject[],
): Promise<Result<TakenTry, TryRefusal>> {
  const taken: Subject[] = [];
  const giveBack = () =>
    waitUntil(
      Promise.all(taken.map(({ name, limit }) => guards.getByName(name).giveBack(limit))).catch((error) =>
        log.warn('try_not_given_back', { error }),
      ),
    );
  try {
    for (const subject of subjects) {
      const answer = await guards.getByName(subject.name).take(subject.limit);
      if (!answer.allowed) {
        // Nothing is tried: what was taken before is not used up.
        giveBack();
        return fail({ code: 'rate_limited', retry_after_ms: answer.retry_after_ms });
      }
      taken.push(subject);
    }
    return ok({ giveBack });
  } catch (error) {
    log.error('try_not_counted', { error });
    giveBack();
    return fail({ code: 'unavailable' });
  }
}
