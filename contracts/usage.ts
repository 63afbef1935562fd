import { z } from 'zod';
import { providerTokens } from './amounts.ts';
import { providerKindIds } from './provider-kinds.ts';

/**
 * What one provider call used, normalized into disjoint classes so that no token is priced twice:
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
 * Where a figure came from: the provider's own report, or our conservative estimate when the report was missing. `clamped` is a
 * report of more than was reserved, which cannot be: charged is what was reserved.
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
  retryable: z.boolean().describe('Whether another provider, or a later try, may succeed'),
  retry_after_ms: z
    .int()
    .min(0)
    .nullable()
    .describe('Milliseconds the provider asked to be left alone; null when it did not'),
});

/**
 * One provider call of an execution, as its user sees it: which, how long, and how it ended. `failure` is null when it
 * succeeded.
 */
export const attemptReceipt = z.object({
  provider_kind: providerKind.describe('The protocol it was asked by'),
  provider_name: z.string().max(100).describe('Name of the provider that was asked'),
  provider_model: z.string().max(200).describe('The model, as the provider calls it'),
  started_at_ms: z.int().min(0).describe('When it was asked, in milliseconds since 1970'),
  latency_ms: z.int().min(0).describe('How long it took, in milliseconds'),
  failure: attemptFailure.nullable().describe('How it failed; null when it answered'),
});
export type AttemptReceipt = z.infer<typeof attemptReceipt>;

/** The same as it is recorded. Older records have the provider's own words, which are shown to nobody: they may quote a prompt. */
export const attempt = attemptReceipt.extend({
  provider_id: z
    .uuid()
    .optional()
    .describe('Tells providers of one name apart, the tenant’s and the platform’s; older records lack it'),
  failure: attemptFailure
    .extend({
      message: z
        .string()
        .max(500)
        .optional()
        .describe('What happened; older records have the provider’s own words'),
    })
    .nullable()
    .describe('How it failed; null when it answered'),
});
export type Attempt = z.infer<typeof attempt>;
