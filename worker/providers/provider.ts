import type { ProviderSettings } from '../../contracts/catalog/provider-settings.ts';
import type {
  AnswerExtras,
  ChatOptions,
  EndDetails,
  ReasoningPart,
  ToolCall,
} from '../../contracts/chat/chat.ts';
import type { FailureKind, ProviderKind, Usage } from '../../contracts/usage.ts';

/** One request for every kind of provider. `max_output_tokens` is always sent: the reservation depends on it. */
export type NeutralRequest = ChatOptions & {
  model: string;
  max_output_tokens: number;
};

/** The reason why an answer ended. */
export type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls';

/**
 * A complete answer. `text` may be empty: the model called tools, a filter stopped the answer, or reasoning used up the output
 * limit. `usage` is null when the provider did not report it, or reported impossible counts.
 */
export type Completion = AnswerExtras &
  EndDetails & {
    text: string;
    tool_calls: ToolCall[];
    finish_reason: FinishReason;
    usage: Usage | null;
    /** The usage of the prompt, where the provider told it before the end. */
    input_told?: Usage | undefined;
    /** True if the report contradicted itself, so that the usage is partly estimated. */
    usage_corrected?: boolean | undefined;
  };

/**
 * One event of a streamed answer. `done` and `failed` are terminal: a stream ends with exactly one of them. `index` numbers the
 * tool calls of the answer from zero; the pieces of one call's arguments arrive in order.
 */
export type StreamEvent =
  | { type: 'text'; text: string }
  /**
   * Reasoning that the provider shows. It is paid for as output and is not part of the text. A signature or encrypted reasoning
   * ends a piece of reasoning.
   */
  | ({ type: 'reasoning' } & ReasoningPart)
  /** Fields that the client has to send back with this message, in the form of one server. */
  | { type: 'carried'; reasoning_details?: unknown[]; extra_content?: Record<string, unknown> }
  /** The usage of the prompt, told before the answer. Its output is not final. */
  | { type: 'input_told'; usage: Usage }
  | {
      type: 'tool_call';
      index: number;
      id: string;
      name: string;
      extra_content?: Record<string, unknown> | undefined;
    }
  | { type: 'tool_arguments'; index: number; json: string }
  | ({
      type: 'done';
      finish_reason: FinishReason;
      usage: Usage | null;
      usage_corrected?: boolean | undefined;
    } & EndDetails)
  | { type: 'failed'; failure: ProviderFailure };

/**
 * A failed provider call. `message` holds the provider's own words without credentials. It is not stored, and only the author of
 * a refused request sees it.
 */
export type ProviderFailure = {
  kind: FailureKind;
  /**
   * True when another candidate, or a later attempt, may succeed: the provider, our credential or our configuration is at fault.
   * False when the request itself is at fault, or when the caller cancelled the call.
   */
  retryable: boolean;
  /** Milliseconds that the provider asks to wait; null when it does not say. */
  retry_after_ms: number | null;
  /** HTTP status, or null when no response arrived. */
  status: number | null;
  message: string;
};

/** A complete answer, or the failure of the call. */
export type ProviderResult = { ok: true; completion: Completion } | { ok: false; failure: ProviderFailure };

/**
 * The start of a stream: its events with the first one at hand, or a failure before any. `events` can be read once and never
 * throws. Leaving it early, or aborting the caller's signal, ends the provider's connection at once.
 */
export type StreamStart =
  /** `in_one_piece`: the server did not stream its answer. */
  | { ok: true; events: AsyncIterable<StreamEvent>; in_one_piece?: boolean }
  /** `asked_whole`: the answer was sent in one piece, so the amount of output before the failure is unknown. */
  | { ok: false; failure: ProviderFailure; asked_whole?: boolean };

/**
 * The address and credential of one call, and its time limit, which includes a stream's end. `base_url` null is the official
 * endpoint of the kind; `secret` is the stored credential, which the kind parses. `provider_id` is unique among all tenants; a
 * target without one remembers no quirks. Settings are the defaults unless given.
 */
export type ProviderTarget = {
  kind: ProviderKind;
  base_url: string | null;
  secret: string;
  provider_id?: string;
  settings?: ProviderSettings;
  timeout_ms: number;
};

/** Time limits of a stream: to its first event, regardless of other frames before it, and between two signs of life after it. */
export type StreamPatience = {
  first_event_timeout_ms: number;
  idle_timeout_ms: number;
};

/** The input tokens of a request, as its provider told them or a tokenizer counted them. */
export type InputCount = { tokens: number; source: 'provider' | 'tokenizer' };
