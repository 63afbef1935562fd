import type { FailoverPlan } from '../providers/attempts.ts';
import type { Breaker } from '../providers/breaker.ts';
import type { Plan, PlannedCandidate } from './execution-plan.ts';

const ATTEMPT_TIMEOUT_MS = 30_000;
/** All attempts for an answer in one piece end within this. */
const ATTEMPTS_TOTAL_MS = 55_000;
/** Left between the last attempt and the reservation's own deadline, to settle in. */
const SETTLE_MARGIN_MS = 5_000;
/** When the client has hung up, the provider gets this long to tell the usage: within the 30 s the platform grants us. */
export const DRAIN_MAX_MS = 25_000;

/** Breakers of this isolate, by credential. */
const breakers = new Map<string, Breaker>();

/** A planned candidate as the failover loop knows it. */
export type AttemptedCandidate = PlannedCandidate & {
  breaker_key: string;
  provider_kind: PlannedCandidate['provider']['kind'];
  provider_name: string;
};

/** Whom to try and for how long: all of it ends before the reservation does. */
export function failoverPlanOf(
  { plan, expires_at_ms }: { plan: Pick<Plan, 'candidates'>; expires_at_ms: number },
  signal: AbortSignal,
): FailoverPlan<AttemptedCandidate> {
  return {
    candidates: plan.candidates.map((candidate) => ({
      ...candidate,
      breaker_key: `${candidate.provider.tenant_id}/${candidate.provider.id}/${candidate.provider.api_key_version}`,
      provider_kind: candidate.provider.kind,
      provider_name: candidate.provider.name,
    })),
    deadline_ms: Math.min(Date.now() + ATTEMPTS_TOTAL_MS, expires_at_ms - SETTLE_MARGIN_MS),
    attempt_timeout_ms: ATTEMPT_TIMEOUT_MS,
    signal,
    breakers,
    now: Date.now,
  };
}

/** Aborts the calls of an execution, at once or a while after its client has hung up. */
export class Patience {
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** For the calls: aborted when nobody waits any more. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isOver(): boolean {
    return this.#controller.signal.aborted;
  }

  /** The client has hung up: what the provider still says within {@link DRAIN_MAX_MS} counts. */
  clientLeft(): void {
    this.#timer ??= setTimeout(() => this.end(), DRAIN_MAX_MS);
  }

  end(): void {
    this.#controller.abort();
  }

  /** The execution is over: no timer is left behind. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}
