import type { GenerateContentRequest } from '@google/generative-ai';
import { z } from 'zod';
import type { Usage } from '../../contracts/usage.ts';
import { credentialFault, failureOfStatus, failureWithoutStatus, invalidResponse } from './failure.ts';
import type { Completion, NeutralRequest, ProviderFailure, ProviderResult } from './provider.ts';
import { fieldsOf, optionalCount, requiredCount, usageOf } from './reported-usage.ts';
import { waitFromSeconds } from './retry-after.ts';
import { alternateTurns } from './turns.ts';

/** Google's generateContent, between its wire format and ours. Pure. */

const textPart = (text: string) => ({ text });

/** The SDK puts the model's name into the URL as it is, so it must not be able to change the path or the query. */
export const isModelName = (model: string): boolean =>
  /^[\w.-]+(\/[\w.-]+)?$/.test(model) && !model.includes('..');

/** The request in Google's shape: instructions in `systemInstruction`, turns alternating. */
export function generateContentParams(request: NeutralRequest): GenerateContentRequest {
  const { instructions, turns } = alternateTurns(request.messages);
  return {
    contents: turns.map(({ role, texts }) => ({
      role: role === 'assistant' ? 'model' : 'user',
      parts: texts.map(textPart),
    })),
    generationConfig: { maxOutputTokens: request.max_output_tokens },
    ...(instructions.length > 0 && {
      systemInstruction: { role: 'system', parts: instructions.map(textPart) },
    }),
  };
}

/** What must be there for the answer to be one: candidates, or the reason why the prompt was blocked. */
const answer = z.object({
  candidates: z
    .array(
      z.object({
        content: z
          .object({
            parts: z
              .array(z.object({ text: z.string().optional(), thought: z.boolean().optional() }))
              .optional(),
          })
          .optional(),
        finishReason: z.string().optional(),
      }),
    )
    .default([]),
  promptFeedback: z.object({ blockReason: z.string().optional() }).optional(),
  usageMetadata: z.unknown().optional(),
});

const finishReasons = new Map<string, Completion['finish_reason']>([
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content_filter'],
  ['RECITATION', 'content_filter'],
  ['LANGUAGE', 'content_filter'],
  ['BLOCKLIST', 'content_filter'],
  ['PROHIBITED_CONTENT', 'content_filter'],
  ['SPII', 'content_filter'],
  ['IMAGE_SAFETY', 'content_filter'],
]);

/**
 * Usage in disjoint classes. `promptTokenCount` includes what was read from the cache; thoughts are counted apart from
 * the candidates and are output; prompts that tools add are input. Protobuf leaves zeros out, so a missing
 * `candidatesTokenCount` is zero when there is no text, and a missing report when there is.
 */
function readUsage(reported: unknown, text: string): Usage | null {
  const usage = fieldsOf(reported);
  if (usage === null) return null;
  const prompt = requiredCount(usage.promptTokenCount);
  const toolPrompt = optionalCount(usage.toolUsePromptTokenCount);
  const cache_read_tokens = optionalCount(usage.cachedContentTokenCount);
  const candidates =
    text === '' ? optionalCount(usage.candidatesTokenCount) : requiredCount(usage.candidatesTokenCount);
  const reasoning_tokens = optionalCount(usage.thoughtsTokenCount);
  if (prompt === null || toolPrompt === null || cache_read_tokens === null) return null;
  if (candidates === null || reasoning_tokens === null) return null;
  return usageOf({
    input_tokens: prompt - cache_read_tokens + toolPrompt,
    cache_read_tokens,
    cache_write_tokens: 0,
    output_tokens: candidates + reasoning_tokens,
    reasoning_tokens,
  });
}

/** Reads the body of a successful call. */
export function readContent(body: unknown): ProviderResult {
  const parsed = answer.safeParse(body);
  if (!parsed.success) return { ok: false, failure: invalidResponse('The body is not generated content') };
  const { candidates, promptFeedback, usageMetadata } = parsed.data;
  const candidate = candidates[0];
  if (candidate === undefined && promptFeedback?.blockReason === undefined) {
    const message = 'The body holds neither a candidate nor a reason why there is none';
    return { ok: false, failure: invalidResponse(message) };
  }
  const parts = candidate?.content?.parts ?? [];
  const text = parts.map((part) => (part.thought === true ? '' : (part.text ?? ''))).join('');
  return {
    ok: true,
    completion: {
      text,
      finish_reason:
        candidate === undefined
          ? 'content_filter'
          : (finishReasons.get(candidate.finishReason ?? 'STOP') ?? 'stop'),
      usage: readUsage(usageMetadata, text),
    },
  };
}

/** The parts of the SDK's fetch error that matter. It hides headers: a wait is in the details. */
const fetchError = z.object({
  status: z.int(),
  message: z.string(),
  errorDetails: z
    .array(z.object({ reason: z.unknown().optional(), retryDelay: z.unknown().optional() }))
    .optional()
    .catch(undefined),
});

/** Google answers 400 for a wrong key and for an account in a country it does not serve; neither is the user's fault. */
const refusedAccount = /API key (not valid|not found|expired)|user location is not supported/i;

/** What the SDK puts before every message: its name, and a URL that says nothing about the failure. */
const preamble = /^\[GoogleGenerativeAI Error\]: (Error fetching from \S+: )?/;

/** Reads what the SDK threw. */
export function readContentError(error: unknown): ProviderFailure {
  const parsed = fetchError.safeParse(error);
  if (!parsed.success) {
    // The SDK trips over a body that is JSON but not an object; a broken connection brings its cause along.
    if (error instanceof TypeError && error.cause === undefined)
      return invalidResponse('The body is not an object');
    const failure = failureWithoutStatus(error);
    return { ...failure, message: failure.message.replace(preamble, '') };
  }
  const details = parsed.data.errorDetails ?? [];
  const delay = details.find((detail) => typeof detail.retryDelay === 'string')?.retryDelay;
  const http = {
    status: parsed.data.status,
    message: parsed.data.message.replace(preamble, ''),
    retry_after_ms: typeof delay === 'string' ? waitFromSeconds(delay.replace(/s$/, '')) : null,
  };
  const keyRefused = details.some((detail) => detail.reason === 'API_KEY_INVALID');
  if (keyRefused || refusedAccount.test(http.message)) return credentialFault(http);
  return failureOfStatus(http);
}
