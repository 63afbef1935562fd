import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { AppEnv, RequestContext, TenantEnv } from '../app-env.ts';
import { problem } from '../errors.ts';

/** The limiters' windows (wrangler.toml): the longest wait after a refusal. */
const REQUEST_WINDOW_MS = 10_000;
const LOGIN_WINDOW_MS = 60_000;

/** A request after its tenant is known. */
type LoginContext = RequestContext & { var: Pick<TenantEnv['Variables'], 'tenant'> };

const clientAddress = (c: Pick<Context, 'req'>) => c.req.header('cf-connecting-ip') ?? 'unknown';

/**
 * Limits the requests per client address; a sender could invent everything else in a request. The limit is approximate and per colo;
 * exact limits are the wallet's.
 */
export const rateLimit = createMiddleware<AppEnv>(async (c, next) => {
  const { success } = await c.env.REQUEST_RATE_LIMITER.limit({ key: clientAddress(c) });
  if (!success) return problem(c, 'rate_limited', { retry_after_ms: REQUEST_WINDOW_MS });
  return next();
});

/**
 * Limits attempts to sign in per account and address, before any hashing. `account` is an email, the id of a user, or the hash of a link's
 * token. Runs after the body's validation, because it is read from the body.
 */
export const isLoginThrottled = async (c: LoginContext, account: string): Promise<boolean> => {
  const { success } = await c.env.LOGIN_RATE_LIMITER.limit({
    key: `${c.var.tenant.id}/${account}/${clientAddress(c)}`,
  });
  return !success;
};

/** Answers an attempt over the limit. */
export const loginThrottled = (c: RequestContext) =>
  problem(c, 'rate_limited', {
    message: 'Too many attempts to sign in. Wait a minute and try again.',
    retry_after_ms: LOGIN_WINDOW_MS,
  });
