import type { Result } from '../../contracts/result.ts';
import { takeGuess } from '../identity/guessing/guess-limits.ts';
import { type AccountKey, accountKeyOf } from '../identity/guessing/known-device.ts';
import type { TakenTry } from '../identity/guessing/take-tries.ts';
import type { RequestContext } from './app-env.ts';
import { dependenciesOf } from './dependencies-of.ts';
import { clientNetwork, refuseTry, TOO_MANY_SIGN_INS } from './middleware/rate-limit.ts';

/** Takes a guess at an account, or answers that there is none left. */
export async function guessOf(c: RequestContext, account: AccountKey, deviceId: string | null) {
  const guess = await takeGuess(dependenciesOf(c), { account, deviceId, network: clientNetwork(c) });
  return guess.ok ? guess : { ok: false as const, answer: refuseTry(c, guess.failure, TOO_MANY_SIGN_INS) };
}

/** Takes a guess at the codes of a user, which are counted apart from the guesses at the password of a sign-in. */
export const codeGuess = async (c: RequestContext, tenantId: string, userId: string) =>
  guessOf(c, await accountKeyOf(tenantId, `codes of ${userId}`), null);

/**
 * Makes a guess that counts if it is wrong. `attempt` may throw, which counts for nothing; `isWrong` tells a wrong guess from other
 * failures.
 */
export async function attemptGuess<Value, Failure extends { code: string }>(
  { giveBack }: TakenTry,
  attempt: () => Promise<Result<Value, Failure>>,
  isWrong: (failure: Failure) => boolean,
): Promise<Result<Value, Failure>> {
  const made = await attempt().catch((error) => {
    giveBack();
    throw error;
  });
  if (made.ok || !isWrong(made.failure)) giveBack();
  return made;
}
