import { z } from 'zod';
import { providerTokens } from './amounts.ts';

/**
 * What one provider call used, normalized into disjoint classes so that no token is priced twice:
 * `input` excludes both cache classes; `output` includes `reasoning`, which is reported for information only.
 */
export const usage = z.object({
  input_tokens: providerTokens,
  cache_read_tokens: providerTokens,
  cache_write_tokens: providerTokens,
  output_tokens: providerTokens,
  reasoning_tokens: providerTokens,
});
export type Usage = z.infer<typeof usage>;

/**
 * Where a figure came from: the provider's own report, or our conservative estimate when the report was missing. `clamped` is a
 * report of more than was reserved, which cannot be: charged is what was reserved.
 */
export const usageSource = z.enum(['reported', 'estimated', 'clamped']);

/** The wire protocols we speak to providers. `openai` covers every OpenAI-compatible server. */
export const providerKind = z.enum(['openai', 'anthropic', 'google']);
export type ProviderKind = z.infer<typeof providerKind>;

/** Why a provider call failed, in one vocabulary for all providers. */
export const failureKind = z.enum([
  'rate_limited',
  'overloaded',
  'timeout',
  'network',
  'invalid_request',
  'context_length',
  'authentication',
  'content_filter',
  'truncated',
  'invalid_response',
]);
export type FailureKind = z.infer<typeof failureKind>;

const attemptFailure = z.object({
  kind: failureKind,
  status: z.int().nullable(),
  retryable: z.boolean(),
  retry_after_ms: z.int().min(0).nullable(),
});

/**
 * One provider call of an execution, as its user sees it: which, how long, and how it ended. `failure` is null when it
 * succeeded.
 */
export const attemptReceipt = z.object({
  provider_kind: providerKind,
  provider_name: z.string().max(100),
  provider_model: z.string().max(200),
  started_at_ms: z.int().min(0),
  latency_ms: z.int().min(0),
  failure: attemptFailure.nullable(),
});
export type AttemptReceipt = z.infer<typeof attemptReceipt>;

/** The same as it is recorded. Older records have the provider's own words, which are shown to nobody: they may quote a prompt. */
export const attempt = attemptReceipt.extend({
  /** Tells providers of one name apart, the tenant's and the platform's. Older records lack it. */
  provider_id: z.uuid().optional(),
  failure: attemptFailure.extend({ message: z.string().max(500).optional() }).nullable(),
});
export type Attempt = z.infer<typeof attempt>;
