import { textBound } from '../metering/token-bound.ts';
import { estimateTokens } from '../metering/token-estimate.ts';
import type { ImageRequest } from './image.ts';

/** The input tokens of a request for images. Pure. */

/** Tokens that a model's format adds to a prompt. */
const ADDED = 96;

/** A probable image of 1,024 px square that is kept closely (fal.ai/models/fal-ai/gpt-image-1/edit-image, November 2026). */
const TOKENS_PER_EDITED_IMAGE = 3_050;

type Prompt = Pick<ImageRequest, 'prompt' | 'edited'>;

/**
 * Returns the most input tokens at a model with this context window. No maximum is documented for the tokens of images that are edited, so
 * they are bounded by the window, which no provider passes.
 */
export const imageTokensBound = ({ prompt, edited }: Prompt, context_window_tokens: number): number =>
  edited === undefined ? ADDED + textBound(prompt) : context_window_tokens;

/** Returns the input tokens that are charged where the provider reports none. */
export const estimateImageTokens = ({ prompt, edited }: Prompt): number =>
  estimateTokens(prompt) + (edited?.images.length ?? 0) * TOKENS_PER_EDITED_IMAGE;
