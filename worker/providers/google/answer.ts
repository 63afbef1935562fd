import { z } from 'zod';
import { calledToolName, type ToolCall } from '../../../contracts/chat.ts';
import type { Usage } from '../../../contracts/usage.ts';
import { callIdOf, givenCallId } from '../chat/tool-calls.ts';
import { fieldsOf, normalizedUsage, optionalCount, requiredCount } from '../metering/reported-usage.ts';
import type { FinishReason, ProviderFailure, ProviderResult } from '../provider.ts';
import {
  credentialFault,
  failureOfStatus,
  invalidResponse,
  tooLong,
  waitFromSeconds,
} from '../transport/failure.ts';

/** Reads the answers and errors of Google's generateContent. Pure. */

const part = z.object({
  text: z.string().optional(),
  thought: z.boolean().optional(),
  functionCall: z
    .object({
      id: givenCallId,
      name: calledToolName,
      args: z.record(z.string(), z.unknown()).nullish(),
    })
    .optional(),
});
export type AnswerPart = z.infer<typeof part>;

/** An answer, or one chunk of it: candidates, or the reason why the prompt was blocked. */
export const generatedContent = z.object({
  candidates: z
    .array(
      z.object({
        content: z.object({ parts: z.array(part).optional() }).optional(),
        finishReason: z.string().optional(),
      }),
    )
    .default([]),
  promptFeedback: z.object({ blockReason: z.string().optional() }).optional(),
  usageMetadata: z.unknown().optional(),
});

const finishReasons = new Map<string, FinishReason>([
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content_filter'],
  ['RECITATION', 'content_filter'],
  ['LANGUAGE', 'content_filter'],
  ['BLOCKLIST', 'content_filter'],
  ['PROHIBITED_CONTENT', 'content_filter'],
  ['SPII', 'content_filter'],
  ['IMAGE_SAFETY', 'content_filter'],
]);

/** The finish reason of an answer. Google ends answers with tool calls with STOP like any other. */
export function googleFinishReason(reason: string | undefined, hasCalls: boolean): FinishReason {
  const known = finishReasons.get(reason ?? 'STOP') ?? 'stop';
  return known === 'stop' && hasCalls ? 'tool_calls' : known;
}

/** A tool call. Most of Google's models give calls no id, so one is made: other providers require it. */
export const toolCallOf = ({ id, name, args }: NonNullable<AnswerPart['functionCall']>): ToolCall => ({
  id: callIdOf(id),
  name,
  arguments: JSON.stringify(args ?? {}),
});

/**
 * Usage in disjoint classes. `promptTokenCount` includes tokens read from the cache; thoughts are counted apart from the
 * candidates and are output; prompts that tools add are input. Protobuf omits zeros, so a missing `candidatesTokenCount` is zero
 * when there is no answer, and a missing report when there is one.
 */
export function readGoogleUsage(reported: unknown, hasAnswer: boolean): Usage | null {
  const usage = fieldsOf(reported);
  if (usage === null) return null;
  const prompt = requiredCount(usage.promptTokenCount);
  const toolPrompt = optionalCount(usage.toolUsePromptTokenCount);
  const cache_read_tokens = optionalCount(usage.cachedContentTokenCount);
  const candidates = hasAnswer
    ? requiredCount(usage.candidatesTokenCount)
    : optionalCount(usage.candidatesTokenCount);
  const reasoning_tokens = optionalCount(usage.thoughtsTokenCount);
  if (prompt === null || toolPrompt === null || cache_read_tokens === null) return null;
  if (candidates === null || reasoning_tokens === null) return null;
  return normalizedUsage({
    input_tokens: prompt - cache_read_tokens + toolPrompt,
    cache_read_tokens,
    cache_write_tokens: 0,
    output_tokens: candidates + reasoning_tokens,
    reasoning_tokens,
  });
}

/** Reads the body of a successful call. */
export function readContent(body: unknown): ProviderResult {
  const parsed = generatedContent.safeParse(body);
  if (!parsed.success) return { ok: false, failure: invalidResponse('The body is not generated content') };
  const { candidates, promptFeedback, usageMetadata } = parsed.data;
  const candidate = candidates[0];
  if (candidate === undefined && promptFeedback?.blockReason === undefined) {
    const message = 'The body holds neither a candidate nor a reason why there is none';
    return { ok: false, failure: invalidResponse(message) };
  }
  const parts = candidate?.content?.parts ?? [];
  const text = parts.map((part) => (part.thought === true ? '' : (part.text ?? ''))).join('');
  const tool_calls = parts.flatMap(({ functionCall }) =>
    functionCall === undefined ? [] : [toolCallOf(functionCall)],
  );
  const hasCalls = tool_calls.length > 0;
  return {
    ok: true,
    completion: {
      text,
      tool_calls,
      finish_reason:
        candidate === undefined ? 'content_filter' : googleFinishReason(candidate.finishReason, hasCalls),
      usage: readGoogleUsage(usageMetadata, text !== '' || hasCalls),
    },
  };
}

const errorDetails = z.array(
  z.object({ reason: z.unknown().optional(), retryDelay: z.unknown().optional() }),
);
type ErrorDetails = z.infer<typeof errorDetails>;

/** Messages of 400 for a wrong key and for an account in a country that is not served. Neither is the user's fault. */
const refusedAccount = /API key (not valid|not found|expired)|user location is not supported/i;

/** The message for a prompt that exceeds the context window. */
const windowExceeded = /input token count .*exceeds the maximum/i;

function failureOf(status: number, message: string, details: ErrorDetails): ProviderFailure {
  const delay = details.find((detail) => typeof detail.retryDelay === 'string')?.retryDelay;
  const retry_after_ms = typeof delay === 'string' ? waitFromSeconds(delay.replace(/s$/, '')) : null;
  const http = { status, message, retry_after_ms };
  const keyRefused = details.some((detail) => detail.reason === 'API_KEY_INVALID');
  if (keyRefused || refusedAccount.test(message)) return credentialFault(http);
  if (status === 400 && windowExceeded.test(message)) return tooLong(http);
  return failureOfStatus(http);
}

/** An error in the body of a refusal or within a stream. */
const apiError = z.object({
  code: z.int().min(400).max(599).catch(500),
  message: z.string().catch('The provider reported an error'),
  details: errorDetails.catch([]),
});

/** Reads an error of the API. `status` is the HTTP status of a refusal, or null within a stream. */
export function readGoogleError(error: unknown, status: number | null): ProviderFailure {
  const { code, message, details } = apiError.parse(fieldsOf(error) ?? {});
  return failureOf(status ?? code, message, details);
}
