import type { FailoverPlan } from '../providers/failover/attempts.ts';
import type { Breaker } from '../providers/failover/breaker.ts';
import type { Plan, PlannedCandidate } from './plan.ts';

/**
 * How long one attempt may take to answer in one piece, or to begin a stream: 30 ms for each token of output that was allowed.
 * Slow models make about 33 a second, and one that reasons says nothing before it has. At most ten minutes, which is how long the
 * SDKs wait.
 */
const ATTEMPT_MS_PER_OUTPUT_TOKEN = 30;
const ATTEMPT_TIMEOUT_MS = { min: 30_000, max: 600_000 };
/** What is left for further attempts when the first has used all its time. */
const FURTHER_ATTEMPTS_MS = 25_000;
/**
 * When the client has hung up, the provider gets this long to tell the usage. The platform grants us 30 s, and the settlement needs
 * some of them: a wallet that is slow is asked twice.
 */
export const DRAIN_MAX_MS = 20_000;

/** Clocks and timers differ by a little. */
const TIMER_SLACK_MS = 50;

/** Whether a call ended because its time was over. */
export const isOverTime = (deadline_ms: number): boolean => Date.now() > deadline_ms - TIMER_SLACK_MS;

/** Breakers of this isolate, by credential. */
const breakers = new Map<string, Breaker>();

/** A planned candidate as the failover loop knows it. */
export type AttemptedCandidate = PlannedCandidate & {
  breaker_key: string;
  provider_id: string;
  provider_kind: PlannedCandidate['provider']['kind'];
  provider_name: string;
};

/** Milliseconds one attempt may take for so much output. Pure. */
export const attemptTimeoutMs = (max_output_tokens: number): number =>
  Math.min(
    ATTEMPT_TIMEOUT_MS.max,
    Math.max(ATTEMPT_TIMEOUT_MS.min, max_output_tokens * ATTEMPT_MS_PER_OUTPUT_TOKEN),
  );

/** Whom to try and for how long. The reservation must be kept alive meanwhile. */
export function failoverPlanOf(
  { candidates, max_output_tokens }: Pick<Plan, 'candidates' | 'max_output_tokens'>,
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

/** Aborts the calls of an execution, at once or a while after its client has hung up. */
export class Patience {
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** For the calls: aborted when nobody waits any more. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The client has hung up. */
  get hasLeft(): boolean {
    return this.#timer !== undefined;
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
