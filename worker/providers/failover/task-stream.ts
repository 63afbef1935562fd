import type { EndDetails } from '../../../contracts/chat/chat.ts';
import type { Usage } from '../../../contracts/usage.ts';
import type { FinishReason, ProviderFailure, StreamPatience } from '../provider.ts';

/** The end of a stream that is whole. `usage` is null if the provider did not report it. */
export type DoneEvent = {
  type: 'done';
  finish_reason: FinishReason | null;
  usage: Usage | null;
  /** True if the report contradicted itself, so that the usage is partly estimated. */
  usage_corrected?: boolean | undefined;
} & EndDetails;
/** The end of a stream that failed. */
export type FailedEvent = { type: 'failed'; failure: ProviderFailure };

/** A piece or an event: its type tells it apart. */
export type Typed = { type: string };

/**
 * One event of a task's stream: a piece of its answer, or its end. A stream ends with exactly one `done` or `failed`. `Piece` is
 * what the task streams: text and tool calls for chat.
 */
export type TaskEvent<Piece extends Typed> = Piece | DoneEvent | FailedEvent;

/** A stream that has begun, or the failure before its first event. */
export type TaskStream<Piece extends Typed> =
  | { ok: true; events: AsyncIterable<TaskEvent<Piece>> }
  /** `asked_whole`: the provider was asked for an answer in one piece, so the size of a cancelled answer is unknown. */
  | { ok: false; failure: ProviderFailure; asked_whole?: boolean };

/** Time limits of one streamed call, in milliseconds: for the whole call, to its first event, and between two events. */
export type StreamTimeouts = StreamPatience & { timeout_ms: number };

/** True for the end of a stream that is whole. */
export const isDone = (event: Typed): event is DoneEvent => event.type === 'done';
/** True for the end of a stream that failed. */
export const isFailed = (event: Typed): event is FailedEvent => event.type === 'failed';

/** Properties of a task's pieces, as failover and collecting need them. Pure functions. */
export type PieceRules<Piece extends Typed> = {
  /** Bytes that a piece adds to the answer. */
  bytesOf(piece: Piece): number;
  /** False for a piece that is no part of the answer, such as reasoning. */
  isContent(piece: Piece): boolean;
  /** True for a piece that tells of the request and comes before anything is said. */
  isPrelude?(piece: Piece): boolean;
  /** One piece that says the same as two consecutive ones, or null if they cannot be merged. */
  merge(before: Piece, after: Piece): Piece | null;
};
