import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { networkOf } from '../../identity/guessing/network.ts';
import type { TryRefusal } from '../../identity/guessing/take-tries.ts';
import type { AppEnv, PrincipalEnv, RequestContext, TenantEnv } from '../app-env.ts';
import { clientAddress } from '../client-place.ts';
import { problem } from '../errors.ts';

/** The limiters' windows (wrangler.toml): the longest wait after a refusal. */
const REQUEST_WINDOW_MS = 10_000;
const LOGIN_WINDOW_MS = 60_000;
export const COUNT_WINDOW_MS = 10_000;

/** A request after its tenant is known. */
type LoginContext = RequestContext & { var: Pick<TenantEnv['Variables'], 'tenant'> };

/** Returns the network of the client, as the platform saw its address. */
export const clientNetwork = (c: Pick<Context, 'req'>): string => networkOf(clientAddress(c));

/**
 * Limits the requests per network of clients; a sender could invent everything else in a request. The limit is approximate and per colo;
 * exact limits are the wallet's.
 */
export const rateLimit = createMiddleware<AppEnv>(async (c, next) => {
  const { success } = await c.env.REQUEST_RATE_LIMITER.limit({ key: clientNetwork(c) });
  if (!success) return problem(c, 'rate_limited', { retry_after_ms: REQUEST_WINDOW_MS });
  return next();
});

/**
 * Limits attempts to sign in per account and network, before any hashing: a shield against floods, per colo. Guesses are counted exactly
 * in identity/guessing/. `account` is an email, the id of a user, or the hash of a link's token. Runs after the body's validation,
 * because it is read from the body.
 */
export const isLoginThrottled = async (c: LoginContext, account: string): Promise<boolean> => {
  const { success } = await c.env.LOGIN_RATE_LIMITER.limit({
    key: `${c.var.tenant.id}/${account}/${clientNetwork(c)}`,
  });
  return !success;
};

/**
 * Limits counts of input tokens per user: they are free, so no wallet bounds them, and take the time of a provider or of the Worker. Per
 * colo.
 */
export const isCountThrottled = async (
  c: RequestContext & { var: Pick<PrincipalEnv['Variables'], 'principal'> },
): Promise<boolean> => {
  const { tenantId, userId } = c.var.principal;
  const { success } = await c.env.COUNT_RATE_LIMITER.limit({ key: `${tenantId}/${userId}` });
  return !success;
};

/** Answers what was tried too often and can be tried again after `waitMs`. `what`: the sentence that says so. */
function throttled(c: RequestContext, what: string, waitMs: number) {
  const minutes = Math.ceil(waitMs / 60_000);
  return problem(c, 'rate_limited', {
    message: `${what} Wait ${minutes === 1 ? 'a minute' : `${minutes} minutes`} and try again.`,
    retry_after_ms: waitMs,
  });
}

/** Answers an attempt to sign in over the limit, which can be made again after `waitMs`. */
export const loginThrottled = (c: RequestContext, waitMs = LOGIN_WINDOW_MS) =>
  throttled(c, TOO_MANY_SIGN_INS, waitMs);

/** Answers a request whose try was not taken (identity/guessing/). `what`: the sentence that says what there was too much of. */
export const refuseTry = (c: RequestContext, refusal: TryRefusal, what: string) =>
  refusal.code === 'rate_limited'
    ? throttled(c, what, refusal.retry_after_ms)
    : problem(c, refusal.code, { details: { part: 'limits' } });

/** Answers a sign-up while Turnstile cannot be asked. */
export const refuseWithoutTurnstile = (c: RequestContext) =>
  problem(c, 'unavailable', {
    message: 'The check that you are a person cannot be made at this moment. Try again in a minute.',
    details: { part: 'turnstile' },
    retry_after_ms: 60_000,
  });

export const TOO_MANY_SIGN_INS = 'Too many attempts to sign in.';
export const TOO_MANY_MAILS = 'Too many mails were asked for from your network.';
