import type { Usage } from '../../contracts/usage.ts';
import type { NeutralRequest } from './provider.ts';

/**
 * How many tokens a call can use at most, known before it is made and without its model's tokenizer. The reservation
 * rests on it. Pure.
 */

/** What chat formats put around one message: role and delimiter tokens. Measured formats need 3 to 6. */
const TOKENS_PER_MESSAGE = 8;
/** What formats put around the whole: priming, the date, a short preamble of the model's maker. */
const TOKENS_PER_REQUEST = 96;

const utf8 = new TextEncoder();

/** The bytes of `text` in UTF-8. A tokenizer that works on bytes, as those of all three providers do, never makes more tokens. */
const byteLength = (text: string): number => utf8.encode(text).byteLength;

/** The most prompt tokens the request can be counted as. About four times too many for English, exact for rare scripts. */
export function inputTokensBound(messages: NeutralRequest['messages']): number {
  const bytes = messages.reduce((sum, { content }) => sum + byteLength(content), 0);
  return bytes + messages.length * TOKENS_PER_MESSAGE + TOKENS_PER_REQUEST;
}

/**
 * What to charge for an answer whose usage the provider did not report: the bound of the prompt, and the bytes of the
 * answer, at most what was allowed. Never more than the reservation, so it is marked as estimated and can be trusted.
 */
export function estimatedUsage(input_tokens_bound: number, max_output_tokens: number, text: string): Usage {
  return {
    input_tokens: input_tokens_bound,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: Math.min(byteLength(text), max_output_tokens),
    reasoning_tokens: 0,
  };
}
