import type { ModerationPart } from '../../../contracts/v1/moderations.ts';
import { textBound } from '../metering/token-bound.ts';
import { estimateTokens } from '../metering/token-estimate.ts';
import type { ModerationRequest } from './moderation.ts';

/** The input tokens of a moderation. No provider counts them: OpenAI's moderations are free. Pure. */

/** Marks around each text or image. */
const ADDED_PER_PART = 8;
/** An image of 1,024 px square at high detail by OpenAI's tiles: 85 + 4 x 170 (guides/images-vision, November 2026). */
const TOKENS_PER_IMAGE = 765;

const partsOf = (input: ModerationRequest['input']): (string | ModerationPart)[] =>
  typeof input === 'string' ? [input] : input;

function tokensIn(input: ModerationRequest['input'], tokensOfText: (text: string) => number): number {
  return partsOf(input).reduce<number>((sum, part) => {
    if (typeof part === 'string') return sum + tokensOfText(part);
    return sum + (part.type === 'text' ? tokensOfText(part.text) : TOKENS_PER_IMAGE);
  }, 0);
}

/** Returns the most input tokens. */
export const moderationTokensBound = (input: ModerationRequest['input']): number =>
  partsOf(input).length * ADDED_PER_PART + tokensIn(input, textBound);

/** Returns the input tokens that are charged where the provider reports none. */
export const estimateModerationTokens = (input: ModerationRequest['input']): number =>
  tokensIn(input, estimateTokens);
