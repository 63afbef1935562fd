import { z } from 'zod';

/** Faults the simulators can be told to have, per provider, while they run. docs/simulators.md says what each does. */

export const simulatedProvider = z.enum(['openai', 'anthropic', 'google']);
export type SimulatedProvider = z.infer<typeof simulatedProvider>;

const faultMode = z.enum([
  'none',
  'rate_limited',
  'server_error',
  'overloaded',
  'hang',
  'hang_mid_stream',
  'slow',
  'reset_before',
  'reset_mid_stream',
  'malformed_sse',
  'error_first',
  'error_mid_stream',
  'missing_usage',
  'hostile_usage',
  'empty_body',
]);

const fault = z.strictObject({
  mode: faultMode,
  /** What Retry-After says; left out, the answer does not say. */
  retry_after_s: z.number().min(0).max(3_600).optional(),
  /** How long `slow` waits before the answer, and between the chunks of a stream. */
  delay_ms: z.int().min(0).max(120_000).default(1_000),
  /** For how many requests; left out, until changed. */
  remaining: z.int().min(1).optional(),
});
export type Fault = z.infer<typeof fault>;

export const faultChange = fault.extend({ provider: z.union([simulatedProvider, z.literal('all')]) });
type FaultChange = z.infer<typeof faultChange>;

const NO_FAULT: Fault = { mode: 'none', delay_ms: 0 };

const allSound = (): Record<SimulatedProvider, Fault> => ({
  openai: NO_FAULT,
  anthropic: NO_FAULT,
  google: NO_FAULT,
});

/** The faults switched on at present. */
export class FaultSwitchboard {
  #faults = allSound();

  read(): Record<SimulatedProvider, Fault> {
    return { ...this.#faults };
  }

  change({ provider, ...next }: FaultChange): void {
    const affected = provider === 'all' ? simulatedProvider.options : [provider];
    for (const one of affected) this.#faults[one] = { ...next };
  }

  /** The fault the next request of this provider meets; uses up one of its `remaining`. */
  take(provider: SimulatedProvider): Fault {
    const current = this.#faults[provider];
    if (current.remaining !== undefined) {
      const remaining = current.remaining - 1;
      this.#faults[provider] = remaining === 0 ? NO_FAULT : { ...current, remaining };
    }
    return current;
  }

  reset(): void {
    this.#faults = allSound();
  }
}
