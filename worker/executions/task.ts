import type { FinishedExecution } from '../../contracts/api/executions.ts';
import type { WalletView } from '../../contracts/api/wallet.ts';
import type { ModelKind } from '../../contracts/catalog/model-kinds.ts';
import type { KeptAnswer, KeptInput } from '../../contracts/execution-job.ts';
import { fail, type Result } from '../../contracts/result.ts';
import type { Usage } from '../../contracts/usage.ts';
import type { ReadyCandidate } from '../catalog/candidates.ts';
import type {
  PieceRules,
  StreamTimeouts,
  TaskEvent,
  TaskStream,
  Typed,
} from '../providers/failover/task-stream.ts';
import type { InputClass } from '../providers/metering/pricing.ts';
import type { FinishReason } from '../providers/provider.ts';
import type { ExecutionFailure } from './failure.ts';

/** The part of a collected answer that is settled, whatever the task. `usage` is null if the provider did not report it. */
export type Collected = {
  finish_reason: FinishReason | null;
  usage: Usage | null;
  /** The usage of the input, where the provider told it before the end. */
  input_told?: Usage | undefined;
  usage_corrected?: boolean | undefined;
};

/** A request that no candidate can run. `details` name the field and the rule. */
export type PlanFailure = {
  code: 'invalid_request' | 'amount_out_of_range';
  message?: string;
  details: Record<string, unknown>;
};

/** Returns the refusal of one field of a request. */
export const refusedField = (field: string, rule: string, message: string) =>
  fail<PlanFailure>({
    code: 'invalid_request',
    message: `${field}: ${message}`,
    details: { in: 'json', issues: [{ field, rule, message }] },
  });

/** The types that a kind of task brings along. */
export type TaskTypes = {
  /** An event of the stream between its start and its end, such as a piece of text. */
  piece: Typed;
  /** Everything that a stream said, collected. */
  answer: Collected;
  /** The answer's fields in the response of our own API. */
  output: object;
};

/** The response to a finished execution. */
export type ResponseOf<T extends TaskTypes> = FinishedExecution & T['output'];

/** The form in which a task is stored, for the background and for its user. Pure functions. */
export type TaskStorage<T extends TaskTypes> = {
  input: KeptInput;
  answerOf(answer: T['answer']): KeptAnswer;
  /** Returns the response's fields of a stored answer. */
  outputOf(answer: KeptAnswer): T['output'];
};

/** The form in which the response cache keeps the answers of a task. Pure functions. */
export type TaskCache<Piece extends Typed, Answer extends Collected> = {
  /** The input and all parameters: what makes two requests equal, beside their models and output limits. */
  input: unknown;
  /** True for an answer that ended by itself. */
  isWhole(answer: Answer): boolean;
  /** Returns an answer that was kept as JSON, or null if it is none. */
  parse(kept: unknown): Answer | null;
  /** Returns the events by which a stream would have delivered an answer, its end included. */
  eventsOf(answer: Answer): TaskEvent<Piece>[];
};

/** A finished execution, and the warning that its wallet gives with the balance. */
export type Executed<T extends TaskTypes> = { response: ResponseOf<T>; warning: WalletView['warning'] };

/** The end of an execution, as its client receives it. */
export type Ending<T extends TaskTypes> =
  | { type: 'finished'; executed: Executed<T> }
  | { type: 'error'; failure: ExecutionFailure };

/** An event that the client of a stream receives: pieces of the answer, then its end. */
export type LiveEvent<T extends TaskTypes> = T['piece'] | Ending<T>;

/**
 * Takes one event. Returns null if there is room for more, else a promise: it resolves when there is, and rejects if the client is gone.
 * An exception thrown at once is a bug.
 */
export type Listener<T extends TaskTypes> = (event: LiveEvent<T>) => Promise<void> | null;

/**
 * Work that an execution runs. Planning, the wallet, the journal, failover, settlement, idempotency and receipts know tasks; chat is
 * one kind of task (chat-task.ts).
 */
export interface Task<T extends TaskTypes = TaskTypes> {
  /** The kind of model that runs it. The journal records it. */
  kind: ModelKind;
  /** The name of the model: public, or an alias. */
  model: string;
  /** Names of further models, tried in this order after `model`. */
  fallback_models?: readonly string[] | undefined;
  /** Returns the part of a conversation that every turn of it repeats; null without one. Absent in a task that is no conversation. */
  beginning?(): string | null;
  /** Returns the refusal of a request with something that none of the candidates may get; null for any other. */
  refusal(candidates: readonly ReadyCandidate[]): ReturnType<typeof refusedField> | null;
  /**
   * Returns the most output tokens to allow, given each candidate's limit, or refuses the request. 0 for a task without output.
   * `grows`: the hold grows with the answer, so a high limit holds nothing. `default_limit`: the most for a request that names no limit;
   * null for the candidates' own.
   */
  outputLimit(
    candidate_limits: readonly number[],
    grows: boolean,
    default_limit: number | null,
  ): Result<number, PlanFailure>;
  /** True if a candidate can make so much output. Of a task whose limit is not sent, every candidate can. */
  allowsOutput(candidate: ReadyCandidate, max_output_tokens: number): boolean;
  /** Returns true if all output is held from the start: the client wants no fitted limit, or the candidate thinks without showing it. */
  needsWholeHold(candidate: ReadyCandidate): boolean;
  /** True if a candidate may make output that it does not show, so that what it said tells less than what it has used. */
  hidesOutput(candidate: ReadyCandidate): boolean;
  /** The least output tokens to which the limit may be lowered so that the balance covers the request. */
  output_tokens_min: number;
  /** Returns the reason why a candidate cannot run the task, or null. */
  obstacle(candidate: ReadyCandidate, max_output_tokens: number): string | null;
  /** Returns an upper bound of the input tokens that a candidate can count. */
  inputTokensBound(candidate: ReadyCandidate, max_output_tokens: number): number;
  /**
   * Counts the input tokens of a candidate, as exactly as it can be known without running the task. Null if that is not possible; never
   * takes long.
   */
  countInputTokens(candidate: ReadyCandidate, max_output_tokens: number): Promise<number | null>;
  /**
   * Returns the number of stop sequences that are sent at least, if a candidate takes fewer than the request has; else null. Absent for a
   * task without them.
   */
  stopsFitted?(candidates: readonly ReadyCandidate[]): number | null;
  /**
   * Returns the number of tool calls that are delivered at most, if a candidate cannot be kept to so many; else null. Absent for a task
   * without them.
   */
  callsFitted?(candidates: readonly ReadyCandidate[]): number | null;
  /** True for a piece that is charged and not delivered. Absent for a task that delivers all of them. */
  withholds?(piece: T['piece']): boolean;
  /** True if the input is bounded by the context window of a candidate, because its size tells nothing about its tokens. */
  is_bounded_by_window: boolean;
  /** The classes that the input may have beside text, whose tokens may have a rate of their own. */
  input_classes: readonly InputClass[];
  /** Returns the output tokens that a piece probably has. */
  tokensOf(piece: T['piece']): number;
  /** Returns the usage of the input if the piece tells it, else null. */
  inputTold(piece: T['piece']): Usage | null;
  /** Returns the input tokens that a candidate probably counts, for a call whose usage is not known. */
  estimateInputTokens(candidate: ReadyCandidate, max_output_tokens: number): number;
  /** Returns the output tokens that an answer probably has, for one whose usage is not known. */
  estimateOutputTokens(answer: T['answer']): number;
  /** Returns those of them that are reasoning which was shown. */
  estimateReasoningTokens(answer: T['answer']): number;
  /** Returns the most bytes of output to read from a provider that was allowed so many output tokens. */
  answerBytesMax(max_output_tokens: number): number;
  /** Calls a candidate. The answer is always a stream; a failure before its first event is a value. */
  call(
    candidate: ReadyCandidate,
    max_output_tokens: number,
    timeouts: StreamTimeouts,
    signal: AbortSignal,
  ): Promise<TaskStream<T['piece']>>;
  pieces: PieceRules<T['piece']>;
  /** The answer before its first event. */
  empty: T['answer'];
  /** Returns the answer with an event added. Pure. */
  append(answer: T['answer'], event: TaskEvent<T['piece']>): T['answer'];
  /** Returns the answer as ended at its output limit. Pure. */
  truncate(answer: T['answer']): T['answer'];
  /** Returns the answer's fields in the response. Pure. */
  outputOf(answer: T['answer']): T['output'];
  /** The form in which the task is stored; null if it is neither stored nor run in the background. */
  storage: TaskStorage<T> | null;
  /** The form in which answers are kept for equal requests. Absent or null if they are not. */
  cache?: TaskCache<T['piece'], T['answer']> | null;
  /** Parses a response that was kept for an Idempotency-Key. Throws if it is none of this task. */
  parseResponse(kept: unknown): ResponseOf<T>;
}
