import product from '../../worker/index.ts';

/**
 * The product's Worker with rate limiters that count in memory, as Cloudflare's do on the machine that runs the Worker. Miniflare
 * simulates a limiter by an object that stores each count in SQLite, which cost 40 % of the CPU time of a request.
 */

export { GuessGuard } from '../../durable-objects/guess-guard/guess-guard.ts';
export { TenantWallet } from '../../durable-objects/tenant-wallet/tenant-wallet.ts';
export { Wallet } from '../../durable-objects/wallet/wallet.ts';
export { ExecutionRunner } from '../../worker/queues/execution-runner.ts';

class MemoryLimiter implements RateLimit {
  readonly #windowMs: number;
  #counts = new Map<string, number>();
  #window = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Counts a request. Never refuses: the load comes from one address. */
  async limit({ key }: RateLimitOptions): Promise<RateLimitOutcome> {
    const window = Math.floor(Date.now() / this.#windowMs);
    if (window !== this.#window) this.#counts = new Map();
    this.#window = window;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    return { success: true };
  }
}

const limiters = {
  REQUEST_RATE_LIMITER: new MemoryLimiter(10_000),
  LOGIN_RATE_LIMITER: new MemoryLimiter(60_000),
  COUNT_RATE_LIMITER: new MemoryLimiter(10_000),
};

let limited: Env | undefined;

/** The bindings with our limiters: the same object for all requests of an isolate, because settings are kept by it. */
const bindingsOf = (env: Env): Env => {
  limited ??= { ...env, ...limiters };
  return limited;
};

export default {
  ...product,
  fetch: (request, env, ctx) => product.fetch(request, bindingsOf(env), ctx),
} satisfies ExportedHandler<Env>;
