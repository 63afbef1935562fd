import type { ChatOptions } from '../../../contracts/chat/chat.ts';
import type { ProviderKind } from '../../../contracts/usage.ts';

/** OpenAI's models that think unless they are told not to: the o series, GPT-5, and the pro models. Their reasoning is never shown. */
const alwaysThinks = /(?:^|\/)(?:o\d|gpt-5(?!\.\d)|gpt-[\d.]+-pro)/i;
/** OpenAI's models from GPT-5.1: they think when asked to. */
const thinksWhenAsked = /(?:^|\/)gpt-5\.\d/i;
/** Google's models that think unless they are told not to. Their thoughts are shown as summaries at most. */
const geminiThinks = /gemini-(?:2\.5|[3-9])/i;

/** xAI's models that think without showing it, behind any compatible server. */
const grokThinks = /(?:^|\/)grok-4(?!.*non-reasoning)/i;

/** Returns true if a compatible server is asked to think without showing it: OpenRouter, Groq and xAI have a name for it each. */
function asksToHide(extra: ChatOptions['extra']): boolean {
  const { reasoning, include_reasoning, reasoning_format } = extra ?? {};
  const isExcluded =
    typeof reasoning === 'object' && reasoning !== null && 'exclude' in reasoning && reasoning.exclude;
  return isExcluded === true || include_reasoning === false || reasoning_format === 'hidden';
}

/**
 * Returns true if a model may think without showing all of it, so that what it says tells less than what it is paid for. Its whole output
 * limit is held then. Pure.
 */
export function hidesReasoning(
  kind: ProviderKind,
  provider_model: string,
  { reasoning, extra }: Pick<ChatOptions, 'reasoning' | 'extra'>,
): boolean {
  const effort = reasoning?.effort;
  if (effort === 'none' || reasoning?.mode === 'disabled') return false;
  const isAsked = reasoning !== undefined || extra?.reasoning_effort !== undefined;
  if (kind === 'anthropic') return isAsked;
  if (kind === 'google') return isAsked || geminiThinks.test(provider_model);
  if (alwaysThinks.test(provider_model) || grokThinks.test(provider_model) || asksToHide(extra)) return true;
  return isAsked && thinksWhenAsked.test(provider_model);
}

/** Time until a model begins to think: the way to it, its queue, and the reading of the prompt. */
const BEFORE_THINKING_MS = 2_000;
/** Tokens that a thinking model makes in a second: fewer than most do, so that an estimate is rarely above what was used. */
const TOKENS_PER_SECOND = 50;

/** Returns the tokens that a model has probably thought unseen, given the time from its call to the first piece of its answer. Pure. */
export const tokensThoughtIn = (thinking_ms: number): number =>
  Math.max(0, Math.floor(((thinking_ms - BEFORE_THINKING_MS) * TOKENS_PER_SECOND) / 1_000));
