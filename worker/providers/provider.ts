import type { Message } from '../../contracts/api/executions.ts';
import type { FailureKind, ProviderKind, Usage } from '../../contracts/usage.ts';

/** What every provider is asked, whatever its wire format. `max_output_tokens` is always sent: the reservation rests on it. */
export type NeutralRequest = {
  model: string;
  messages: Message[];
  max_output_tokens: number;
};

/**
 * What a provider answered. `text` may be empty: a filter stopped the answer, or reasoning used up the whole output.
 * `usage` is null when the provider did not report it, or reported what cannot be true.
 */
export type Completion = {
  text: string;
  finish_reason: 'stop' | 'length' | 'content_filter' | 'tool_calls';
  usage: Usage | null;
};

/** Why a provider call failed. `message` is for operators: it never holds a key and is not shown to users. */
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

/** Where and as whom to call, and how long one call may take. `base_url` null means the official endpoint of the kind. */
export type ProviderTarget = {
  kind: ProviderKind;
  base_url: string | null;
  api_key: string;
  timeout_ms: number;
};

/** The contract every adapter keeps. It never throws for a failed call: a failure is a value. */
export interface Provider {
  complete(request: NeutralRequest, signal: AbortSignal): Promise<ProviderResult>;
}

/** What an adapter exports: one call to one provider, through its official SDK. */
export type CompleteCall = (
  target: ProviderTarget,
  request: NeutralRequest,
  signal: AbortSignal,
) => Promise<ProviderResult>;
