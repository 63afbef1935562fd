import type { FailoverPlan } from '../providers/failover/attempts.ts';
import type { Breaker } from '../providers/failover/breaker.ts';
import type { PlanLimits, PlannedCandidate } from './plan.ts';

/**
 * Time for one attempt to begin its answer, or to give it in one piece: 30 ms for each output token that was allowed. Slow models make
 * about 33 tokens a second, and a reasoning model is silent before it answers. At most ten minutes, the default timeout of the SDKs.
 */
const ATTEMPT_MS_PER_OUTPUT_TOKEN = 30;
const ATTEMPT_TIMEOUT_MS = { min: 30_000, max: 600_000 };
/** Time left for further attempts after the first one has used all its time. */
const FURTHER_ATTEMPTS_MS = 25_000;
/**
 * Time that a provider gets to report its usage after the client has left. The platform runs a Worker for 30 s after that, of which the
 * settlement needs some.
 */
export const DRAIN_MAX_MS = 20_000;

/** Difference between clocks and timers. */
const TIMER_SLACK_MS = 50;

/** Returns true if a call ended because its time was over. */
export const isOverTime = (deadline_ms: number): boolean => Date.now() > deadline_ms - TIMER_SLACK_MS;

/** Breakers of this isolate, by credential. */
const breakers = new Map<string, Breaker>();

/** A planned candidate with the fields that failover needs. */
export type AttemptedCandidate = PlannedCandidate & {
  breaker_key: string;
  provider_id: string;
  provider_kind: PlannedCandidate['provider']['kind'];
  provider_name: string;
};

/** Returns the milliseconds that one attempt may take for so many output tokens. Pure. */
export const attemptTimeoutMs = (max_output_tokens: number): number =>
  Math.min(
    ATTEMPT_TIMEOUT_MS.max,
    Math.max(ATTEMPT_TIMEOUT_MS.min, max_output_tokens * ATTEMPT_MS_PER_OUTPUT_TOKEN),
  );

/** Returns the candidates and time limits of a series of attempts. The reservation must be extended meanwhile. */
export function failoverPlanOf(
  { candidates, max_output_tokens }: Pick<PlanLimits, 'candidates' | 'max_output_tokens'>,
  signal: AbortSignal,
): FailoverPlan<AttemptedCandidate> {
  const attempt_timeout_ms = attemptTimeoutMs(max_output_tokens);
  return {
    candidates: candidates.map((candidate) => ({
      ...candidate,
      breaker_key: `${candidate.provider.tenant_id}/${candidate.provider.id}/${candidate.provider.api_key_version}`,
      provider_id: candidate.provider.id,
      provider_kind: candidate.provider.kind,
      provider_name: candidate.provider.name,
    })),
    deadline_ms: Date.now() + attempt_timeout_ms + FURTHER_ATTEMPTS_MS,
    attempt_timeout_ms,
    signal,
    breakers,
    now: Date.now,
  };
}

/** Aborts the provider calls of an execution: at once, or a while after its client has left. */
export class Patience {
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The signal of the provider calls. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get hasLeft(): boolean {
    return this.#timer !== undefined;
  }

  get isOver(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Gives the provider {@link DRAIN_MAX_MS} to finish, since the client has left. */
  clientLeft(): void {
    this.#timer ??= setTimeout(() => this.end(), DRAIN_MAX_MS);
  }

  end(): void {
    this.#controller.abort();
  }

  /** Clears the timer, since the execution is over. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}
