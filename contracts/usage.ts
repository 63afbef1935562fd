import { z } from 'zod';
import { providerTokens } from './amounts.ts';
import { providerKindIds } from './catalog/provider-kinds.ts';

/** Tokens of a class that most calls do not have. Missing when there are none, so that entries from before it existed keep their hash. */
const optionalTokens = providerTokens.min(1).optional();

/**
 * The usage of one provider call, in disjoint classes so that no token is priced twice: `input` excludes the cache classes, images and
 * audio; `cache_write` excludes `cache_write_1h`; `output` excludes images and audio, and includes `reasoning`, which is reported for information only.
 */
export const usage = z
  .object({
    input_tokens: providerTokens.describe(
      'Prompt tokens that no cache holds, without those of images and audio.',
    ),
    input_image_tokens: optionalTokens.describe(
      'Prompt tokens of images that no cache holds. Missing if there are none.',
    ),
    input_audio_tokens: optionalTokens.describe(
      'Prompt tokens of audio that no cache holds. Missing if there are none.',
    ),
    cache_read_tokens: providerTokens.describe("Prompt tokens read from the provider's cache."),
    cache_write_tokens: providerTokens.describe(
      "Prompt tokens written to the provider's cache, without those that it keeps for an hour.",
    ),
    cache_write_1h_tokens: optionalTokens.describe(
      "Prompt tokens written to the provider's cache for an hour. Missing if there are none.",
    ),
    output_tokens: providerTokens.describe(
      'Tokens of the answer, reasoning included, without those of images and audio.',
    ),
    output_image_tokens: optionalTokens.describe(
      'Tokens of images in the answer. Missing if there are none.',
    ),
    output_audio_tokens: optionalTokens.describe('Tokens of audio in the answer. Missing if there are none.'),
    reasoning_tokens: providerTokens.describe(
      'Reasoning tokens, which are part of the output and priced as output.',
    ),
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof usage>;

/**
 * The source of usage figures: the provider's report, or our conservative estimate if the report is missing or contradicts itself. `clamped`: the report
 * exceeded the reservation, so the reserved amount was charged.
 */
export const usageSource = z.enum(['reported', 'estimated', 'clamped']).meta({
  id: 'UsageSource',
  description:
    '`reported`: by the provider; `estimated`: our estimate, because the provider reported none; `clamped`: the provider reported more than was reserved, so the reserved amount was charged.',
});

/** The kind of a provider: the protocol it speaks. `openai` covers every OpenAI-compatible server. */
export const providerKind = z.enum(providerKindIds).meta({ id: 'ProviderKind' });
export type ProviderKind = z.infer<typeof providerKind>;

/** The kinds of failed provider calls, the same for all providers. */
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
    'The reason for the failure, the same for all providers: `rate_limited`: too many requests; `overloaded`: overloaded or broken; `timeout`: no answer in time; `network`: not reachable; `invalid_request`: refused the request; `context_length`: the request was too long; `authentication`: refused the key; `content_filter`: refused the content; `truncated`: the answer broke off; `invalid_response`: the response could not be read.',
  );
export type FailureKind = z.infer<typeof failureKind>;

const attemptFailure = z
  .object({
    kind: failureKind,
    status: z.int().nullable().describe('The HTTP status. Null if no response arrived.'),
    retryable: z.boolean().describe('True if another provider or a later attempt can succeed.'),
    retry_after_ms: z
      .int()
      .min(0)
      .nullable()
      .describe('The wait the provider asked for, in milliseconds. Null if it asked for none.'),
  })
  .meta({ id: 'AttemptFailure' });

/**
 * One provider call of an execution, as its user sees it.
 */
export const attemptReceipt = z
  .object({
    provider_kind: providerKind.describe("The provider's protocol."),
    provider_name: z.string().max(100).describe('The name of the provider.'),
    provider_model: z.string().max(200).describe("The provider's name of the model."),
    started_at_ms: z.int().min(0).describe('The time of the call, in milliseconds since 1970.'),
    latency_ms: z.int().min(0).describe('The latency, in milliseconds.'),
    failure: attemptFailure.nullable().describe('The failure. Null if the provider answered.'),
  })
  .meta({ id: 'Attempt' });
export type AttemptReceipt = z.infer<typeof attemptReceipt>;

/** A provider call as recorded. Older records have the provider's own message, which is never shown because it can quote a prompt. */
export const attempt = attemptReceipt
  .extend({
    provider_id: z.uuid().optional().describe('The id of the provider. Missing in older records.'),
    failure: attemptFailure
      .extend({
        message: z
          .string()
          .max(500)
          .optional()
          .describe("The failure in words. Older records have the provider's own message."),
      })
      .nullable()
      .describe('The failure. Null if the provider answered.'),
  })
  .meta({ id: 'RecordedAttempt' });
export type Attempt = z.infer<typeof attempt>;
