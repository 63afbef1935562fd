import { z } from 'zod';
import { providerKindIds } from '../../contracts/provider-kinds.ts';
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

/** A fault to be had from now on: which, at which provider, for whom and how often. */
export const faultChange = fault.extend({
  provider: z.union([providerKind, z.literal('all')]),
  /** Only for requests that bring this key; left out, for all that have no fault of their own. */
  key: z.string().min(1).optional(),
});
type FaultChange = z.infer<typeof faultChange>;

const NO_FAULT: Fault = { mode: 'none', delay_ms: 0, unstreamed: false };

const allSound = (): Record<ProviderKind, Fault> =>
  Object.fromEntries(providerKindIds.map((kind) => [kind, NO_FAULT])) as Record<ProviderKind, Fault>;

/** The fault after one request has met it. */
function metOnce(fault: Fault): Fault {
  if (fault.remaining === undefined) return fault;
  return fault.remaining === 1 ? NO_FAULT : { ...fault, remaining: fault.remaining - 1 };
}

/** The faults switched on at present. */
export class FaultSwitchboard {
  #faults = allSound();
  /** By provider and key. */
  readonly #ofKeys = new Map<string, Fault>();

  /** The faults of whole providers. */
  read(): Record<ProviderKind, Fault> {
    return { ...this.#faults };
  }

  change({ provider, key, ...next }: FaultChange): void {
    for (const one of provider === 'all' ? providerKindIds : [provider]) {
      if (key === undefined) this.#faults[one] = { ...next };
      else this.#ofKeys.set(`${one} ${key}`, { ...next });
    }
  }

  /** The fault the next request of this provider, with this key, meets; uses up one of its `remaining`. */
  take(provider: ProviderKind, key: string | null): Fault {
    const name = `${provider} ${key}`;
    const ofKey = this.#ofKeys.get(name);
    const current = ofKey ?? this.#faults[provider];
    if (ofKey === undefined) this.#faults[provider] = metOnce(current);
    else this.#ofKeys.set(name, metOnce(current));
    return current;
  }

  reset(): void {
    this.#faults = allSound();
    this.#ofKeys.clear();
  }
}
