import type { MessageCreateParamsNonStreaming } from '@anthropic-ai/sdk/resources/messages';
import { z } from 'zod';
import type { Usage } from '../../contracts/usage.ts';
import {
  configurationFault,
  credentialFault,
  failureOfStatus,
  failureWithoutStatus,
  invalidResponse,
} from './failure.ts';
import type { Completion, NeutralRequest, ProviderFailure, ProviderResult } from './provider.ts';
import { fieldsOf, optionalCount, requiredCount, usageOf } from './reported-usage.ts';
import { waitFromHeaders } from './retry-after.ts';
import { alternateTurns } from './turns.ts';

/** Anthropic's messages, between its wire format and ours. Pure. */

const textBlock = (text: string) => ({ type: 'text' as const, text });

/** The request in Anthropic's shape: instructions in `system`, turns alternating. */
export function messageParams(request: NeutralRequest): MessageCreateParamsNonStreaming {
  const { instructions, turns } = alternateTurns(request.messages);
  return {
    model: request.model,
    max_tokens: request.max_output_tokens,
    messages: turns.map(({ role, texts }) => ({ role, content: texts.map(textBlock) })),
    ...(instructions.length > 0 && { system: instructions.map(textBlock) }),
  };
}

/** What must be there for the answer to be one. Blocks other than text (thinking) are not part of the answer. */
const answer = z.object({
  content: z.array(z.object({ type: z.string(), text: z.string().optional() })),
  stop_reason: z.string().nullish(),
  usage: z.unknown().optional(),
});

const finishReasons = new Map<string, Completion['finish_reason']>([
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['refusal', 'content_filter'],
  ['tool_use', 'tool_calls'],
]);

/** Usage in disjoint classes: `input_tokens` leaves both cache classes out already, output includes thinking. */
function readUsage(reported: unknown): Usage | null {
  const usage = fieldsOf(reported);
  if (usage === null) return null;
  return usageOf({
    input_tokens: requiredCount(usage.input_tokens),
    cache_read_tokens: optionalCount(usage.cache_read_input_tokens),
    cache_write_tokens: optionalCount(usage.cache_creation_input_tokens),
    output_tokens: requiredCount(usage.output_tokens),
    reasoning_tokens: optionalCount(fieldsOf(usage.output_tokens_details)?.thinking_tokens),
  });
}

/** Reads the body of a successful call. */
export function readMessage(body: unknown): ProviderResult {
  const parsed = answer.safeParse(body);
  if (!parsed.success) return { ok: false, failure: invalidResponse('The body is not a message') };
  const { content, stop_reason, usage } = parsed.data;
  return {
    ok: true,
    completion: {
      text: content.map((block) => (block.type === 'text' ? (block.text ?? '') : '')).join(''),
      finish_reason: finishReasons.get(stop_reason ?? 'end_turn') ?? 'stop',
      usage: readUsage(usage),
    },
  };
}

/** The parts of the SDK's APIError that matter. */
const apiError = z.object({
  status: z.int(),
  headers: z.instanceof(Headers),
  /** The whole body as text, and within it what it says. */
  message: z.string(),
  apiMessage: z.string().nullish(),
  type: z.string().nullish(),
});

/** An unpaid account answers 400 `invalid_request_error`, as if the request were at fault; only the text tells. */
const unpaidAccount = /credit balance is too low/i;

/** Reads what the SDK threw. */
export function readMessageError(error: unknown, now_ms: number): ProviderFailure {
  const parsed = apiError.safeParse(error);
  if (!parsed.success) return failureWithoutStatus(error);
  const { status, headers, type } = parsed.data;
  const message = parsed.data.apiMessage ?? parsed.data.message;
  const http = { status, message, retry_after_ms: waitFromHeaders(headers, now_ms) };
  if (unpaidAccount.test(message)) return credentialFault(http);
  switch (type) {
    case 'authentication_error':
    case 'permission_error':
    case 'billing_error':
      return credentialFault(http);
    case 'not_found_error':
      return configurationFault(http);
    default:
      return failureOfStatus(http);
  }
}
