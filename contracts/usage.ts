import { z } from 'zod';
import { providerTokens } from './amounts.ts';
import { providerKindIds } from './provider-kinds.ts';

/**
 * Usage of one provider call, normalized into disjoint classes so that no token is priced twice:
 * `input` excludes both cache classes; `output` includes `reasoning`, which is reported for information only.
 */
export const usage = z.object({
  input_tokens: providerTokens.describe('Tokens of the prompt, but for those of a cache'),
  cache_read_tokens: providerTokens.describe('Tokens of the prompt that were read from the provider’s cache'),
  cache_write_tokens: providerTokens.describe('Tokens of the prompt that were written to it'),
  output_tokens: providerTokens.describe('Tokens of the answer, thoughts included'),
  reasoning_tokens: providerTokens.describe(
    'Of the output: what the model thought. For information: it is priced as output',
  ),
});
export type Usage = z.infer<typeof usage>;

/**
 * The source of the usage: the provider's report, or a conservative estimate when the report is missing. `clamped` is an impossible
 * report of more than was reserved; the reserved amount is charged.
 */
export const usageSource = z.enum(['reported', 'estimated', 'clamped']);

/** The kind of a provider: the protocol it speaks. `openai` covers every OpenAI-compatible server. */
export const providerKind = z.enum(providerKindIds);
export type ProviderKind = z.infer<typeof providerKind>;

/** Why a provider call failed, in one vocabulary for all providers. */
export const failureKind = z
  .enum([
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
  ])
  .describe(
    'Why it failed, in one vocabulary for all providers: `rate_limited`: it had too many requests; `overloaded`: it was too busy, or broken; `timeout`: it took too long, or nobody waited any more; `network`: it was not reached; `invalid_request`: it refused the request; `context_length`: the request was too long; `authentication`: it refused the key; `content_filter`: it would not answer this; `truncated`: the answer broke off; `invalid_response`: what it answered makes no sense',
  );
export type FailureKind = z.infer<typeof failureKind>;

const attemptFailure = z.object({
  kind: failureKind,
  status: z.int().nullable().describe('The HTTP status; null when no answer arrived'),
  retryable: z.boolean().describe('True if another provider, or a later attempt, may succeed'),
  retry_after_ms: z
    .int()
    .min(0)
    .nullable()
    .describe('Milliseconds that the provider asked to wait; null when it did not'),
});

/** One provider call of an execution, as its user sees it. `failure` is null when it succeeded. */
export const attemptReceipt = z.object({
  provider_kind: providerKind.describe('The kind of the provider'),
  provider_name: z.string().max(100).describe('The name of the provider'),
  provider_model: z.string().max(200).describe('The model, as the provider calls it'),
  started_at_ms: z.int().min(0).describe('Start of the call, in milliseconds since 1970'),
  latency_ms: z.int().min(0).describe('Duration of the call, in milliseconds'),
  failure: attemptFailure.nullable().describe('The failure; null when the provider answered'),
});
export type AttemptReceipt = z.infer<typeof attemptReceipt>;

/** A provider call as it is stored. Older records hold the provider's message, which is never shown: it may quote a prompt. */
export const attempt = attemptReceipt.extend({
  provider_id: z
    .uuid()
    .optional()
    .describe('The provider: a tenant’s and the platform’s may share a name. Older records lack it'),
  failure: attemptFailure
    .extend({
      message: z.string().max(500).optional().describe('The provider’s message; only older records have it'),
    })
    .nullable()
    .describe('The failure; null when the provider answered'),
});
export type Attempt = z.infer<typeof attempt>;
