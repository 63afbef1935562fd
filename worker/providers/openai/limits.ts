import { imageDetailOf, imagesOf } from '../chat/conversation.ts';
import type { NeutralRequest } from '../provider.ts';

/** The limits of OpenAI's models: stop sequences, and the most tokens of images. Pure. */

/** The most sequences that OpenAI takes to end an answer. Servers that take others refuse more as well. */
export const OPENAI_STOPS_MAX = 4;

/** For a model that cannot be identified, as behind an Azure deployment or a compatible server: the highest of all. */
const TOKENS_UNPLACED = { high: 48_169, low: 2_833 };
const TOKENS_PLACED = { high: 6_150, low: 630 };

const placed = /^(gpt-4o(?!-mini)|gpt-4\.1|gpt-[5-9]|o[134](-|$))/;

/**
 * The bound of all images of the request, in tokens. Images may be behind URLs that only the provider opens, so their size is
 * unknown. Figures as documented in OpenAI's guides/images-vision, November 2026:
 * - Models that count tiles of 512 px fit an image into 2,048 px and its short side into 768 px: at most 8 tiles. GPT-4o:
 *   85 + 8 x 170 = 1,445; GPT-4o mini: 2,833 + 8 x 5,667 = 48,169. Low detail is the first summand.
 * - Models that count patches of 32 px: at most 2,500 at high detail, 256 at low, times at most 2.46 (the nano models): 6,150
 *   and 630.
 */
export function openAiImageTokensBound(request: NeutralRequest): number {
  const tokens = placed.test(request.model) ? TOKENS_PLACED : TOKENS_UNPLACED;
  return imagesOf(request).reduce((sum, image) => sum + tokens[imageDetailOf(image)], 0);
}
