import type { Result } from '../../../contracts/result.ts';
import type { TryLimit } from '../../../contracts/tries.ts';
import type { AccountKey } from './known-device.ts';
import {
  type Subject,
  type TakenTry,
  type TryDependencies,
  type TryRefusal,
  takeTries,
} from './take-tries.ts';

const MINUTE_MS = 60_000;

/** Of one account, over all devices that it does not know: 10 at once and 10 an hour, so at most 20 within any hour. */
const ACCOUNT_LIMIT: TryLimit = { burst: 10, refill_ms: 6 * MINUTE_MS };
/** Of one network, over all accounts of the tenant: 30 at once and 30 an hour. Successes are given back, so an office can sign in. */
const NETWORK_LIMIT: TryLimit = { burst: 30, refill_ms: 2 * MINUTE_MS };
/** Of one device that the account knows: 10 at once and 20 an hour. */
const DEVICE_LIMIT: TryLimit = { burst: 10, refill_ms: 3 * MINUTE_MS };

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

/** Takes a try of everybody whom a guess concerns, before the password is hashed. */
export const takeGuess = (deps: TryDependencies, guesser: Guesser): Promise<Result<TakenTry, TryRefusal>> =>
  takeTries(deps, subjectsOf(guesser));
