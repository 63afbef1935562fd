import { z } from 'zod';
import { providerKindIds } from '../../contracts/catalog/provider-kinds.ts';
import { type ProviderKind, providerKind } from '../../contracts/usage.ts';

/** Faults the simulators can be told to have, per provider, while they run. docs/simulators.md says what each does. */

const faultMode = z.enum([
  'none',
  'rate_limited',
  'server_error',
  'overloaded',
  'hang',
  'hang_mid_stream',
  'slow',
  'slow_start',
  'reset_before',
  'reset_mid_stream',
  'malformed_sse',
  'error_first',
  'error_mid_stream',
  'error_after_thinking',
  'prompt_too_long',
  'stays_open',
  'missing_usage',
  'hostile_usage',
  'empty_body',
  'not_found',
]);

const fault = z.strictObject({
  mode: faultMode,
  /** Seconds in Retry-After. Without it the answer has no such header. */
  retry_after_s: z.number().min(0).max(3_600).optional(),
  /** Milliseconds that `slow` waits before the answer and before each event of a stream, and `slow_start` before the answer alone. */
  delay_ms: z.int().min(0).max(120_000).default(1_000),
  /** Answers in one piece although a stream was requested, as some servers do. */
  unstreamed: z.boolean().default(false),
  /** For how many requests; left out, until changed. */
  remaining: z.int().min(1).optional(),
});
export type Fault = z.infer<typeof fault>;

/** The requests that a fault meets: those to generate, or those to count tokens. */
const faultyRequests = z.enum(['generate', 'count']);
type FaultyRequests = z.infer<typeof faultyRequests>;

/** A fault to be had from now on: which, at which provider, for whom and how often. */
export const faultChange = fault.extend({
  provider: z.union([providerKind, z.literal('all')]),
  requests: faultyRequests.default('generate'),
  /** Only for requests that bring this key; left out, for all that have no fault of their own. */
  key: z.string().min(1).optional(),
});
type FaultChange = z.infer<typeof faultChange>;

const NO_FAULT: Fault = { mode: 'none', delay_ms: 0, unstreamed: false };

type FaultsOfKinds = Record<ProviderKind, Fault>;

const allSound = (): FaultsOfKinds =>
  Object.fromEntries(providerKindIds.map((kind) => [kind, NO_FAULT])) as FaultsOfKinds;

const noFaults = (): Record<FaultyRequests, FaultsOfKinds> => ({ generate: allSound(), count: allSound() });

/** The fault after one request has met it. */
function metOnce(fault: Fault): Fault {
  if (fault.remaining === undefined) return fault;
  return fault.remaining === 1 ? NO_FAULT : { ...fault, remaining: fault.remaining - 1 };
}

/** The faults switched on at present. */
export class FaultSwitchboard {
  #faults = noFaults();
  /** By kind of request, provider and key. */
  readonly #ofKeys = new Map<string, Fault>();

  /** The faults of whole providers, for requests to generate. */
  read(): FaultsOfKinds {
    return { ...this.#faults.generate };
  }

  change({ provider, requests, key, ...next }: FaultChange): void {
    for (const one of provider === 'all' ? providerKindIds : [provider]) {
      if (key === undefined) this.#faults[requests][one] = { ...next };
      else this.#ofKeys.set(`${requests} ${one} ${key}`, { ...next });
    }
  }

  /** The fault the next request of this kind and provider, with this key, meets; uses up one of its `remaining`. */
  take(requests: FaultyRequests, provider: ProviderKind, key: string | null): Fault {
    const name = `${requests} ${provider} ${key}`;
    const ofKey = this.#ofKeys.get(name);
    const current = ofKey ?? this.#faults[requests][provider];
    if (ofKey === undefined) this.#faults[requests][provider] = metOnce(current);
    else this.#ofKeys.set(name, metOnce(current));
    return current;
  }

  reset(): void {
    this.#faults = noFaults();
    this.#ofKeys.clear();
  }
}
