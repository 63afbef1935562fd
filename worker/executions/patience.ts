import type { ProviderSettings } from '../../contracts/catalog/provider-settings.ts';
import type { AttemptCandidate, FailoverPlan } from '../providers/failover/attempts.ts';
import { SharedBreakers } from '../providers/failover/breakers.ts';
import type { PlanLimits, PlannedCandidate } from './plan.ts';

/**
 * Time for each output token that was allowed: slow servers make 20 tokens a second. A server that does not stream, and a model that
 * thinks unseen, are silent for as long.
 */
const MS_PER_OUTPUT_TOKEN = 50;
/** Time to begin unless the provider's settings name it: servers load models, and at most what SDKs wait for an answer. */
const FIRST_EVENT_TIMEOUT_MS = { min: 120_000, max: 600_000 };
/** All attempts end after this time: a reservation lives for an hour at most. */
export const ATTEMPTS_MAX_MS = 3_300_000;
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

/** Breakers of this isolate. */
const breakers = new SharedBreakers();

/** A planned candidate with the fields that failover needs. */
export type AttemptedCandidate = PlannedCandidate & AttemptCandidate;

/** Returns the time limits of a provider's calls with so many output tokens, in milliseconds. Pure. */
export function waitsOf(
  {
    first_byte_timeout_ms,
    idle_timeout_ms,
  }: Pick<ProviderSettings, 'first_byte_timeout_ms' | 'idle_timeout_ms'>,
  max_output_tokens: number,
): Pick<AttemptCandidate, 'first_event_timeout_ms' | 'whole_timeout_ms' | 'idle_timeout_ms'> {
  const output_ms = max_output_tokens * MS_PER_OUTPUT_TOKEN;
  const { min, max } = FIRST_EVENT_TIMEOUT_MS;
  const first_event_timeout_ms = first_byte_timeout_ms ?? Math.min(max, Math.max(min, output_ms));
  const whole_timeout_ms = Math.min(ATTEMPTS_MAX_MS, first_event_timeout_ms + output_ms);
  return { first_event_timeout_ms, whole_timeout_ms, idle_timeout_ms };
}

const attemptedOf = (candidate: PlannedCandidate, max_output_tokens: number): AttemptedCandidate => {
  const { tenant_id, id, api_key_version, kind, name, settings } = candidate.provider;
  return {
    ...candidate,
    ...waitsOf(settings, max_output_tokens),
    breaker_key: `${tenant_id}/${id}/${api_key_version}`,
    provider_id: id,
    provider_kind: kind,
    provider_name: name,
  };
};

/** Returns the candidates and time limits of a series of attempts for a tenant. The reservation must be extended meanwhile. */
export function failoverPlanOf(
  { candidates, max_output_tokens }: Pick<PlanLimits, 'candidates' | 'max_output_tokens'>,
  { tenant_id, signal }: { tenant_id: string; signal: AbortSignal },
): FailoverPlan<AttemptedCandidate> {
  const attempted = candidates.map((candidate) => attemptedOf(candidate, max_output_tokens));
  const longest_ms = Math.max(...attempted.map(({ whole_timeout_ms }) => whole_timeout_ms));
  return {
    candidates: attempted,
    deadline_ms: Date.now() + Math.min(ATTEMPTS_MAX_MS, longest_ms + FURTHER_ATTEMPTS_MS),
    signal,
    breakers: breakers.forTenant(tenant_id),
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
