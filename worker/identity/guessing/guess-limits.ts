import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { TryGuard, TryLimit } from '../../../contracts/tries.ts';
import type { Log } from '../../runtime/log.ts';
import type { AccountKey } from './known-device.ts';

const MINUTE_MS = 60_000;

/** Of one account, over all devices that it does not know: 10 at once and 10 an hour, so at most 20 within any hour. */
const ACCOUNT_LIMIT: TryLimit = { burst: 10, refill_ms: 6 * MINUTE_MS };
/** Of one network, over all accounts of the tenant: 30 at once and 30 an hour. Successes are given back, so an office can sign in. */
const NETWORK_LIMIT: TryLimit = { burst: 30, refill_ms: 2 * MINUTE_MS };
/** Of one device that the account knows: 10 at once and 20 an hour. */
const DEVICE_LIMIT: TryLimit = { burst: 10, refill_ms: 3 * MINUTE_MS };

type Subject = { name: string; limit: TryLimit };

/** An attempt to sign in: the account, the device if the account knows it, and the network. */
export type Guesser = { account: AccountKey; deviceId: string | null; network: string };

/**
 * The subjects of a guess, in the order in which they are asked. A device that is known is counted by itself: neither guesses of others nor
 * its network can lock it out. A network comes before the accounts, so that one that tries many is stopped by one call.
 */
const subjectsOf = ({ account: { tenant_id, key }, deviceId, network }: Guesser): Subject[] =>
  deviceId !== null
    ? [{ name: `${tenant_id}/device/${deviceId}`, limit: DEVICE_LIMIT }]
    : [
        { name: `${tenant_id}/network/${network}`, limit: NETWORK_LIMIT },
        { name: `${tenant_id}/account/${key}`, limit: ACCOUNT_LIMIT },
      ];

type GuessDependencies = {
  guards: { getByName(name: string): TryGuard };
  log: Log;
  waitUntil: (promise: Promise<unknown>) => void;
};

/** A guess that may be made. `giveBack`: it was right, or not made, so it does not count. */
export type Guess = { giveBack(): void };
export type GuessRefusal = { code: 'rate_limited'; retry_after_ms: number } | { code: 'unavailable' };

/**
 * Takes a try of everybody it concerns, before the password is hashed. It is counted at once, so that guesses sent together count as many.
 * Guesses are not made while the objects that count them cannot be reached.
 */
export async function takeGuess(
  { guards, log, waitUntil }: GuessDependencies,
  guesser: Guesser,
): Promise<Result<Guess, GuessRefusal>> {
  const taken: Subject[] = [];
  const giveBack = () =>
    waitUntil(
      Promise.all(taken.map(({ name, limit }) => guards.getByName(name).giveBack(limit))).catch((error) =>
        log.warn('guess_not_given_back', { error }),
      ),
    );
  try {
    for (const subject of subjectsOf(guesser)) {
      const answer = await guards.getByName(subject.name).take(subject.limit);
      if (!answer.allowed) {
        // No guess is made: what was taken before is not used up.
        giveBack();
        return fail({ code: 'rate_limited', retry_after_ms: answer.retry_after_ms });
      }
      taken.push(subject);
    }
    return ok({ giveBack });
  } catch (error) {
    log.error('guess_not_counted', { error });
    giveBack();
    return fail({ code: 'unavailable' });
  }
}
