import { fail, ok, type Result } from '../../contracts/result.ts';
import { createProvider } from '../providers/create-provider.ts';
import { runStream, type StreamOutcome } from '../providers/failover/stream-attempts.ts';
import { eventBytes, outputBytesMax } from '../providers/metering/token-bound.ts';
import type { StreamEvent } from '../providers/provider.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { type AttemptedCandidate, failoverPlanOf, isOverTime, Patience } from './attempts.ts';
import type { Begun } from './begin-execution.ts';
import { appendEvent, emptyCompletion, truncated } from './collect.ts';
import type { Executed } from './complete-execution.ts';
import { type ExecutionFailure, failureOfAttempts } from './failure.ts';
import { HoldKeeper } from './hold-keeper.ts';
import { keepContents } from './keep-contents.ts';
import { neutralRequestOf } from './plan.ts';
import { settleExecution } from './settle-execution.ts';
import { answerOf, type Ended, leftUnheard, settlementOf } from './settlement.ts';

/** A stream is over after this, whoever speaks or listens: a reservation lives for an hour at most. */
const STREAM_MAX_MS = 3_300_000;
/** A provider that has begun and then says nothing for so long has broken off. */
const IDLE_TIMEOUT_MS = 60_000;
/** A client that takes nothing for so long has left, though its connection stands. */
const STALLED_CLIENT_MS = 60_000;

/** What a listener is told: the pieces as they come, then how it ended. */
export type LiveEvent =
  | Exclude<StreamEvent, { type: 'done' | 'failed' }>
  | { type: 'finished'; executed: Executed }
  | { type: 'error'; failure: ExecutionFailure };

/** Takes one event; rejects when the client is gone. Resolves when there is room for more. What it throws at once is a bug. */
export type Listener = (event: LiveEvent) => Promise<void>;

type Outcome = StreamOutcome<AttemptedCandidate>;
type Stream = Extract<Outcome, { ok: true }>;

/** Rejects when the client does not take what it is sent. */
async function withinPatience(sending: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('The client takes nothing')), STALLED_CLIENT_MS);
  try {
    await Promise.race([sending, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * One streamed execution, from a durable reservation to its settlement. Providers are asked as soon as it is made; `begun` tells
 * whether one speaks, before a word is sent. `run` passes on what it says. Both must outlive the client, since they settle.
 */
export class LiveExecution {
  readonly #deps: Dependencies;
  readonly #execution: Begun;
  readonly #hearsReasoning: boolean;
  readonly #patience = new Patience();
  readonly #holdKeeper: HoldKeeper;
  readonly #deadlineMs = Date.now() + STREAM_MAX_MS;
  readonly #beginning: Promise<Result<Stream, ExecutionFailure>>;

  constructor(
    deps: Dependencies,
    execution: Begun,
    { clientGone, hearsReasoning }: { clientGone: AbortSignal; hearsReasoning: boolean },
  ) {
    this.#deps = deps;
    this.#execution = execution;
    this.#hearsReasoning = hearsReasoning;
    clientGone.addEventListener('abort', () => this.#patience.clientLeft(), { once: true });
    if (clientGone.aborted) this.#patience.clientLeft();
    this.#holdKeeper = new HoldKeeper(deps, execution, () => this.#patience.end());
    this.#beginning = this.#begin();
  }

  /** Whether a provider has begun to speak, or why none did; then everything is settled already. */
  async begun(): Promise<Result<null, ExecutionFailure>> {
    const beginning = await this.#beginning;
    return beginning.ok ? ok(null) : beginning;
  }

  /** Passes on what the provider says, piece by piece, and settles what it cost, whether or not anybody listens to the end. */
  async run(listener: Listener): Promise<void> {
    let listening = true;
    const tell = async (event: LiveEvent) => {
      if (!listening) return;
      // What a listener throws is a bug. That what it sends is not taken is none.
      const sending = listener(event);
      await withinPatience(sending).catch(() => {
        listening = false;
        this.#patience.clientLeft();
      });
    };
    await this.#speak(tell).catch(async (bug) => {
      const { id: execution_id } = this.#execution.start;
      this.#deps.log.error('unhandled_error', { execution_id, error: bug });
      await this.#settleBug();
      // The answer has its status already, so this is told in-band.
      await tell({ type: 'error', failure: { code: 'internal', execution_id } });
    });
  }

  async #speak(tell: (event: LiveEvent) => Promise<void>): Promise<void> {
    const beginning = await this.#beginning;
    if (!beginning.ok) return tell({ type: 'error', failure: beginning.failure });
    await tell(await this.#settle(await this.#follow(beginning.value, tell)));
  }

  /** A bug must not keep the tokens held until the deadline. What was settled before stays so. */
  async #settleBug(): Promise<void> {
    await this.#settle({ how: 'failed', error_code: 'internal', attempts: [] });
  }

  async #begin(): Promise<Result<Stream, ExecutionFailure>> {
    const { start, plan } = this.#execution;
    const outcome = await this.#askProviders().catch(async (bug) => {
      await this.#settleBug();
      throw bug;
    });
    if (outcome.ok) return ok(outcome);
    const failure = failureOfAttempts(start.id, outcome);
    // A stream nobody waited for had not begun to speak, but was asked: what it was asked is charged.
    const left = leftUnheard(outcome, plan);
    await this.#settle(left ?? { how: 'failed', error_code: failure.code, attempts: outcome.attempts });
    return fail(failure);
  }

  #askProviders(): Promise<Outcome> {
    const { plan } = this.#execution;
    return runStream({
      ...failoverPlanOf(plan, this.#patience.signal),
      hasLeft: () => this.#patience.hasLeft,
      deadline_ms: this.#deadlineMs,
      idle_timeout_ms: IDLE_TIMEOUT_MS,
      hears_reasoning: this.#hearsReasoning,
      call: (candidate, { timeout_ms, ...patience }, signal) =>
        createProvider({ ...candidate.credential, timeout_ms }).stream(
          neutralRequestOf(plan, candidate),
          signal,
          patience,
        ),
    });
  }

  /** Listens to the end, or until nobody waits any more. */
  async #follow(
    { candidate, events, attempts }: Stream,
    tell: (event: LiveEvent) => Promise<void>,
  ): Promise<Ended> {
    let completion = emptyCompletion;
    let output_bytes = 0;
    for await (const event of events) {
      completion = appendEvent(completion, event);
      output_bytes += eventBytes(event);
      if (event.type === 'done') return { how: 'answered', candidate, completion, output_bytes, attempts };
      if (event.type === 'failed' || this.#patience.isOver) break;
      await tell(event);
      if (output_bytes > outputBytesMax(this.#execution.plan.max_output_tokens))
        return { how: 'answered', candidate, completion: truncated(completion), output_bytes, attempts };
    }
    // Who left before the end is charged for what was said by then, as is one whose account was disabled meanwhile, or whose
    // stream had to end because it took too long.
    if (this.#patience.isOver || isOverTime(this.#deadlineMs))
      return { how: 'left', candidate, completion, output_bytes, attempts };
    return { how: 'failed', error_code: 'provider_failed', attempts };
  }

  async #settle(ended: Ended): Promise<LiveEvent> {
    this.#patience.clear();
    this.#holdKeeper.stop();
    const { start, plan } = this.#execution;
    const settlement = settlementOf(start, plan, ended, Date.now());
    const answer = ended.how === 'failed' ? null : answerOf(this.#execution, settlement, ended.completion);
    const settled = await settleExecution(this.#deps, this.#execution, settlement, answer);
    if (!settled.ok) return { type: 'error', failure: { ...settled.failure, execution_id: start.id } };
    if (answer === null) {
      const message = 'The provider broke off in the middle of the answer. Nothing was charged.';
      return { type: 'error', failure: { code: 'provider_failed', execution_id: start.id, message } };
    }
    if (ended.how !== 'failed') keepContents(this.#deps, this.#execution, ended.completion);
    const { available, warning } = settled.value;
    return { type: 'finished', executed: { execution: { ...answer, balance_after: available }, warning } };
  }
}
