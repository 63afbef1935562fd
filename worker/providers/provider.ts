import type { ChatOptions, ToolCall } from '../../contracts/chat.ts';
import type { FailureKind, ProviderKind, Usage } from '../../contracts/usage.ts';

/** What every provider is asked, whatever its wire format. `max_output_tokens` is always sent: the reservation rests on it. */
export type NeutralRequest = ChatOptions & {
  model: string;
  max_output_tokens: number;
};

export type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls';

/**
 * What a provider answered. `text` may be empty: the model called tools, a filter stopped the answer, or reasoning used up
 * the whole output. `usage` is null when the provider did not report it, or reported what cannot be true.
 */
export type Completion = {
  text: string;
  tool_calls: ToolCall[];
  finish_reason: FinishReason;
  usage: Usage | null;
};

/**
 * One event of a streamed answer. `done` and `failed` are terminal: a stream ends with exactly one of them, and nothing
 * follows. `index` counts the tool calls of the answer from zero; the pieces of one call's arguments come in their order.
 */
export type StreamEvent =
  | { type: 'text'; text: string }
  /** What the model thought aloud, where a provider shows it. It is output and paid for, but no part of the answer. */
  | { type: 'reasoning'; text: string }
  | { type: 'tool_call'; index: number; id: string; name: string }
  | { type: 'tool_arguments'; index: number; json: string }
  | { type: 'done'; finish_reason: FinishReason; usage: Usage | null }
  | { type: 'failed'; failure: ProviderFailure };

/** Why a provider call failed. `message` is the provider's own: it never holds a key, is recorded nowhere, and is told only to whoever made a request that was refused. */
export type ProviderFailure = {
  kind: FailureKind;
  /**
   * Another candidate, or a later try, may succeed: the fault lies with the provider, our credential or our
   * configuration. False when the request itself is at fault, or when the caller cancelled the call.
   */
  retryable: boolean;
  /** How long the provider asks to be left alone; null when it did not say. */
  retry_after_ms: number | null;
  /** HTTP status, or null when no response arrived. */
  status: number | null;
  message: string;
};

export type ProviderResult = { ok: true; completion: Completion } | { ok: false; failure: ProviderFailure };

/**
 * How a stream began: with its first event at hand, or with a failure before there was any. `events` can be read once and
 * never throws. Leaving it early, or aborting the caller's signal, ends the provider's connection at once.
 */
export type StreamStart =
  | { ok: true; events: AsyncIterable<StreamEvent> }
  /** `asked_whole`: the model is not streamed, so nobody knows what it had said when the call failed. */
  | { ok: false; failure: ProviderFailure; asked_whole?: boolean };

/**
 * Where and as whom to call, and how long one call may take, a stream to its end included. `base_url` null means the
 * official endpoint of the kind.
 */
export type ProviderTarget = {
  kind: ProviderKind;
  base_url: string | null;
  api_key: string;
  timeout_ms: number;
};

/** How long to wait for a stream: for its first event, whatever else arrives before, and for any sign of life after it. */
export type StreamPatience = {
  first_event_timeout_ms: number;
  idle_timeout_ms: number;
};

/** The contract every adapter keeps. It never throws for a failed call: a failure is a value. */
export interface Provider {
  complete(request: NeutralRequest, signal: AbortSignal): Promise<ProviderResult>;
  stream(request: NeutralRequest, signal: AbortSignal, patience: StreamPatience): Promise<StreamStart>;
}

/** What an adapter exports: both ways to call one provider. */
export type Adapter = {
  complete(target: ProviderTarget, request: NeutralRequest, signal: AbortSignal): Promise<ProviderResult>;
  stream(
    target: ProviderTarget,
    request: NeutralRequest,
    signal: AbortSignal,
    patience: StreamPatience,
  ): Promise<StreamStart>;
};
