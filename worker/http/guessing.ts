import { ok, type Result } from '../../contracts/result.ts';
import { recordFailedLogin } from '../db/users/users.ts';
import { takeGuess } from '../identity/guessing/guess-limits.ts';
import { type AccountKey, accountKeyOf } from '../identity/guessing/known-device.ts';
import type { TakenTry } from '../identity/guessing/take-tries.ts';
import type { RequestContext, SessionEnv } from './app-env.ts';
import { clientPlace } from './client-place.ts';
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

type CallerContext = RequestContext & { var: Pick<SessionEnv['Variables'], 'claims'> };

const isWrongProof = ({ code }: { code: string }) => code === 'wrong_code' || code === 'wrong_password';

/**
 * Makes a guess at the caller's own password or codes, or answers that there is none left. These guesses are counted apart from those of
 * sign-ins, so that nobody with another's open session uses up the tries of its owner. Wrong ones are recorded.
 */
export async function guessOwn<Value, Failure extends { code: string }>(
  c: CallerContext,
  attempt: () => Promise<Result<Value, Failure>>,
) {
  const { tenantId: tenant_id, userId: user_id } = c.var.claims;
  const guess = await guessOf(c, await accountKeyOf(tenant_id, `confirmations of ${user_id}`), null);
  if (!guess.ok) return guess;
  const made = await attemptGuess(guess.value, attempt, isWrongProof);
  if (!made.ok && isWrongProof(made.failure)) {
    const { database, requestId: request_id } = dependenciesOf(c);
    const action = made.failure.code === 'wrong_code' ? 'user.second_factor_failed' : 'user.login_failed';
    await recordFailedLogin(database, { tenant_id, user_id, request_id, client: clientPlace(c) }, action);
  }
  return ok(made);
}
