import type { ChatOptions } from '../../../contracts/chat/chat.ts';
import type { ProviderKind } from '../../../contracts/usage.ts';

/** OpenAI's models that think unless they are told not to: the o series, GPT-5, and the pro models. Their reasoning is never shown. */
const alwaysThinks = /(?:^|\/)(?:o\d|gpt-5(?!\.\d)|gpt-[\d.]+-pro)/i;
/** OpenAI's models from GPT-5.1: they think when asked to. */
const thinksWhenAsked = /(?:^|\/)gpt-5\.\d/i;
/** Google's models that think unless they are told not to. Their thoughts are shown as summaries at most. */
const geminiThinks = /gemini-(?:2\.5|[3-9])/i;

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
  return alwaysThinks.test(provider_model) || (isAsked && thinksWhenAsked.test(provider_model));
}
