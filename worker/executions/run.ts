import { fail, ok, type Result } from '../../contracts/result.ts';
import type { CacheHit } from '../../contracts/tenants/response-cache.ts';
import { type Delivery, runStream, type StreamOutcome } from '../providers/failover/stream-attempts.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { inTime } from '../runtime/in-time.ts';
import type { ReservedExecution } from './begin.ts';
import { keepContents } from './contents.ts';
import { type ExecutionFailure, failureOfAttempts, type OrFailure } from './failure.ts';
import { GrowingHold } from './growing-hold.ts';
import { HoldKeeper } from './hold-keeper.ts';
import {
  ATTEMPTS_MAX_MS,
  type AttemptedCandidate,
  failoverPlanOf,
  isOverTime,
  Patience,
} from './patience.ts';
import type { Plan, PlannedCandidate } from './plan.ts';
import { readStream } from './read-stream.ts';
import { eventsOfHit, type Hit, hitOf } from './response-cache/hit.ts';
import { type CacheUse, keepForEqual } from './response-cache/use.ts';
import { recordLatency, rememberAnswer } from './routing.ts';
import { settleExecution } from './settle.ts';
import {
  type ExecutionEnd,
  endOfCancelledAttempt,
  estimateOf,
  estimateOfLeft,
  finishedOf,
  mostOf,
  settlementOf,
} from './settlement.ts';
import type { Ending, Executed, Listener, LiveEvent, ResponseOf, TaskTypes } from './task.ts';

/** A client that reads nothing for this long has left, although its connection is open. */
const STALLED_CLIENT_MS = 60_000;

/** A stream of a provider, or no answer. */
type Called<T extends TaskTypes> = StreamOutcome<AttemptedCandidate, T['piece']>;
/** The same, or the stream of a kept answer, with its record. */
type Outcome<T extends TaskTypes> =
  | Called<T>
  | (Omit<StreamOf<T>, 'candidate'> & { candidate: PlannedCandidate; hit: CacheHit });
type StreamOf<T extends TaskTypes> = Extract<Called<T>, { ok: true }>;
type Stream<T extends TaskTypes> = Extract<Outcome<T>, { ok: true }>;

/** Rejects if the client does not take what it is sent. */
const beforeStall = (sending: Promise<void>): Promise<void> =>
  inTime(sending, STALLED_CLIENT_MS, () => new Error('The client reads nothing'));

/** Opens a stream at the first of the plan's candidates that answers, and calls their providers one after the other. */
export const openStream = <T extends TaskTypes>(
  { task, candidates, max_output_tokens }: Pick<Plan<T>, 'task' | 'candidates' | 'max_output_tokens'>,
  {
    hold,
    tenant_id,
    ...limits
  }: {
    /** The tenant of the caller. */
    tenant_id: string;
    delivery: Delivery;
    signal: AbortSignal;
    hasLeft?: () => boolean;
    /** Epoch milliseconds; by default the time that the attempts have. */
    deadline_ms?: number;
    /** The hold that grows with the answer; absent if all of it is held. */
    hold?: GrowingHold<T>;
  },
): Promise<Called<T>> =>
  runStream({
    ...failoverPlanOf({ candidates, max_output_tokens }, { tenant_id, signal: limits.signal }),
    ...limits,
    pieces: task.pieces,
    answer_bytes_max: task.answerBytesMax(max_output_tokens),
    call: async (candidate, timeouts, signal) => {
      const asked_at_ms = Date.now();
      const stream = await task.call(candidate, max_output_tokens, timeouts, signal);
      // A call that was cancelled says nothing about the provider.
      if (!signal.aborted)
        recordLatency(tenant_id, candidate, { latency_ms: Date.now() - asked_at_ms, failed: !stream.ok });
      return hold === undefined ? stream : hold.guard(candidate, stream);
    },
  });

/**
 * One execution in the foreground, from its durable reservation to its settlement. Providers are called as soon as it is made. Its
 * promises must outlive the client, since they settle.
 */
export class ExecutionRun<T extends TaskTypes> {
  readonly #deps: Dependencies;
  readonly #execution: ReservedExecution<T>;
  readonly #patience = new Patience();
  readonly #holdKeeper: HoldKeeper;
  readonly #hold: GrowingHold<T>;
  readonly #delivery: Delivery;
  readonly #deadlineMs = Date.now() + ATTEMPTS_MAX_MS;
  readonly #outcome: Promise<Outcome<T>>;
  #beginning: Promise<Result<Stream<T>, ExecutionFailure>> | undefined;

  /** `delivery` is `whole` for an answer in one piece. `clientGone` aborts when the client has left. */
  constructor(
    deps: Dependencies,
    execution: ReservedExecution<T>,
    { clientGone, delivery }: { clientGone: AbortSignal; delivery: Delivery },
  ) {
    this.#deps = deps;
    this.#execution = execution;
    this.#delivery = delivery;
    clientGone.addEventListener('abort', () => this.#patience.clientLeft(), { once: true });
    if (clientGone.aborted) this.#patience.clientLeft();
    this.#holdKeeper = new HoldKeeper(deps, execution, () => this.#patience.end());
    this.#hold = new GrowingHold(deps, execution, { is_live: delivery !== 'whole' });
    this.#outcome = this.#open(delivery).catch(async (bug) => {
      await this.#settleBug();
      throw bug;
    });
  }

  /** Opens the stream of a kept answer, or else of a provider. */
  async #open(delivery: Delivery): Promise<Outcome<T>> {
    const { plan, wallet, cache } = this.#execution;
    const hit = cache === null ? null : await this.#heldHit(cache);
    if (hit !== null) {
      const { candidate, answer, record } = hit;
      return { ok: true, candidate, events: eventsOfHit(plan, answer), attempts: [], hit: record };
    }
    return openStream(plan, {
      tenant_id: wallet.tenant_id,
      hold: this.#hold,
      delivery,
      signal: this.#patience.signal,
      hasLeft: () => this.#patience.hasLeft,
      ...(delivery !== 'whole' && { deadline_ms: this.#deadlineMs }),
    });
  }

  /** Returns the kept answer once its charge is held. Null without one, or if the balance does not cover it. */
  async #heldHit({ found, setting }: CacheUse): Promise<Hit<T> | null> {
    const kept = await found;
    const { plan, wholesale } = this.#execution;
    const hit = kept === null ? null : hitOf(plan, kept, setting, wholesale.terms);
    if (hit === null) return null;
    const held = await this.#hold.raiseTo(hit.totals);
    const { amount, wholesale: sold } = hit.totals;
    return held.amount >= amount && held.wholesale >= sold ? hit : null;
  }

  /** Returns the stream that has begun, or no answer, before anything is settled. */
  outcome(): Promise<Outcome<T>> {
    return this.#outcome;
  }

  /** Stops watching an execution that continues elsewhere with the same reservation. */
  handOver(): void {
    this.#patience.clear();
    this.#holdKeeper.stop();
  }

  /** Resolves when a provider has begun to answer, or with the failure; the execution is settled then. */
  async begun(): Promise<Result<null, ExecutionFailure>> {
    const beginning = await this.#begin();
    return beginning.ok ? ok(null) : beginning;
  }

  /** Delivers the answer piece by piece and settles, even if the client leaves. Never rejects: a bug is logged and told to the client. */
  async deliver(listener: Listener<T>): Promise<void> {
    let listening = true;
    const tell = async (event: LiveEvent<T>) => {
      if (!listening) return;
      // An exception of the listener is a bug. A rejection means that the client is gone.
      const sending = listener(event);
      if (sending === null) return;
      await beforeStall(sending).catch(() => {
        listening = false;
        this.#patience.clientLeft();
      });
    };
    await this.#finish(tell)
      .then(tell)
      .catch(async (bug) => {
        const { id: execution_id } = this.#execution.start;
        this.#deps.log.error('unhandled_error', { execution_id, error: bug });
        await this.#settleBug();
        // The HTTP status has been sent, so the failure is an event.
        await tell({ type: 'error', failure: { code: 'internal', execution_id } });
      });
  }

  /** Returns the answer in one piece, settled. Rejects for a bug, after the reservation is released. */
  async collect(): OrFailure<Executed<T>> {
    const ending = await this.#finish(async () => undefined).catch(async (bug) => {
      await this.#settleBug();
      throw bug;
    });
    return ending.type === 'finished' ? ok(ending.executed) : fail(ending.failure);
  }

  /** Reads the answer to its end and settles it. */
  async #finish(tell: (piece: T['piece']) => Promise<void>): Promise<Ending<T>> {
    const beginning = await this.#begin();
    if (!beginning.ok) return { type: 'error', failure: beginning.failure };
    return this.#settle(await this.#follow(beginning.value, tell));
  }

  /** Releases the reservation after a bug, so that its tokens are not held until the deadline. A settlement before it stays. */
  async #settleBug(): Promise<void> {
    await this.#settle({ how: 'failed', error_code: 'internal', attempts: [] });
  }

  #begin(): Promise<Result<Stream<T>, ExecutionFailure>> {
    this.#beginning ??= this.#outcome.then(async (outcome) => {
      if (outcome.ok) return ok(outcome);
      const { start, plan } = this.#execution;
      const failure = failureOfAttempts(start.id, outcome);
      // A provider that was called for a client who left is paid for.
      const left = endOfCancelledAttempt(outcome, plan);
      await this.#settle(left ?? { how: 'failed', error_code: failure.code, attempts: outcome.attempts });
      return fail(failure);
    });
    return this.#beginning;
  }

  /** Reads the stream to its end, or until the client's time is over. */
  async #follow(
    { candidate, events, attempts, ...kept }: Stream<T>,
    tell: (piece: T['piece']) => Promise<void>,
  ): Promise<ExecutionEnd<T['answer']>> {
    const { plan } = this.#execution;
    const read = await readStream(plan, events, async (piece) => {
      if (this.#patience.isOver) return 'stop';
      await tell(piece);
      return 'go_on';
    });
    const { answer } = read;
    const estimate = estimateOf(plan, candidate, answer, { is_too_long: read.end === 'too_long' });
    const hit = 'hit' in kept ? kept.hit : undefined;
    const content_began_at_ms = this.#delivery === 'whole' ? null : read.content_began_at_ms;
    const received = { candidate, estimate, attempts, hit, content_began_at_ms };
    if (read.end === 'done') return { how: 'answered', answer, ...received };
    if (read.end === 'too_long') return { how: 'answered', answer: plan.task.truncate(answer), ...received };
    // A client that left before the end pays for what was received by then. So does one whose account was disabled meanwhile, and one
    // whose stream took too long.
    if (this.#patience.isOver || isOverTime(this.#deadlineMs)) {
      const left = { candidate, answer, attempts, content_began_at_ms };
      return { how: 'left', ...left, hit, estimate: estimateOfLeft(plan, left, read.content_began_at_ms) };
    }
    return { how: 'failed', error_code: 'provider_failed', attempts };
  }

  async #settle(end: ExecutionEnd<T['answer']>): Promise<Ending<T>> {
    this.handOver();
    const { start, plan } = this.#execution;
    const { terms } = this.#execution.wholesale;
    const wanted =
      end.how === 'failed'
        ? { amount: 0, wholesale: 0 }
        : mostOf({ ...plan, wholesale: this.#execution.wholesale }, end);
    const held = await this.#hold.raiseTo(wanted);
    const limits = { ...plan, worst_case_tokens: held.amount, wholesale: { held: held.wholesale, terms } };
    const settlement = settlementOf(start, limits, end, Date.now());
    const finished =
      end.how === 'failed' ? null : finishedOf(this.#execution, settlement, plan.task.outputOf(end.answer));
    const settled = await settleExecution(this.#deps, this.#execution, settlement, finished);
    if (!settled.ok) return { type: 'error', failure: { ...settled.failure, execution_id: start.id } };
    if (finished === null || end.how === 'failed') {
      const message = 'The provider failed in the middle of the answer. You were not charged.';
      return { type: 'error', failure: { code: 'provider_failed', execution_id: start.id, message } };
    }
    if (end.how === 'answered' && end.hit === undefined) {
      rememberAnswer(this.#execution.conversation, end.candidate);
      keepForEqual(this.#deps, this.#execution, end, settlement.outcome);
    }
    keepContents(this.#deps, this.#execution, end.answer);
    const { available, warning } = settled.value;
    // TypeScript cannot see that an intersection without one field, with that field added, is the intersection.
    const response = { ...finished, balance_after: available } as ResponseOf<T>;
    return { type: 'finished', executed: { response, warning } };
  }
}
