import type { ChatMessage, ChatOptions } from '../../../contracts/chat.ts';
import type { ProviderKind } from '../../../contracts/usage.ts';

/** Images within a conversation: which there are, how closely providers are asked to look, what that costs at most. Pure. */

type Part = Extract<ChatMessage, { role: 'user' }>['content'][number];
type ImagePart = Extract<Part, { type: 'image' }>;

/** Every image of a conversation, oldest first. */
export const imagesOf = ({ messages }: ChatOptions): ImagePart[] =>
  messages
    .filter((message) => message.role === 'user')
    .flatMap(({ content }) => content)
    .filter((part) => part.type === 'image');

/**
 * How closely a provider is asked to look at each image. `auto` is asked as `high`: OpenAI's current models would take it
 * for the full size, whose tokens nobody can bound without the pixels. Google is asked once for all of them, so low only
 * when all are; Anthropic cannot be asked.
 */
export function detailsAsked(kind: ProviderKind, request: ChatOptions): ('high' | 'low')[] {
  const details = imagesOf(request).map(({ detail }) => (detail === 'low' ? 'low' : 'high'));
  const together = details.includes('high') ? 'high' : 'low';
  return kind === 'openai' ? details : details.map(() => (kind === 'google' ? together : 'high'));
}

type ImageTokens = { high: number; low: number };

/** A model nobody can place, as behind an Azure deployment or a compatible server, may be the one that counts most. */
const OPENAI_UNPLACED: ImageTokens = { high: 48_169, low: 2_833 };
const OPENAI_PLACED: ImageTokens = { high: 6_150, low: 630 };
const ANTHROPIC: ImageTokens = { high: 4_784, low: 4_784 };
const GOOGLE: ImageTokens = { high: 4_128, low: 280 };
const GOOGLE_SINCE_3: ImageTokens = { high: 1_120, low: 280 };

const openAiPlaced = /^(gpt-4o(?!-mini)|gpt-4\.1|gpt-[5-9]|o[134](-|$))/;
const googleSince3 = /(^|\/)gemini-([3-9]|\d\d)/;

function tokensPerImage(kind: ProviderKind, model: string): ImageTokens {
  switch (kind) {
    case 'openai':
      return openAiPlaced.test(model) ? OPENAI_PLACED : OPENAI_UNPLACED;
    case 'anthropic':
      return ANTHROPIC;
    case 'google':
      return googleSince3.test(model) ? GOOGLE_SINCE_3 : GOOGLE;
  }
}

/**
 * The most tokens the images of a request can be counted as, whatever their size: their pixels may be behind URLs that
 * only the provider opens. The figures are the providers' own, as of November 2026:
 * - OpenAI (guides/images-vision). Models that count tiles of 512 px fit an image into 2,048 px and its short side into
 *   768 px: at most 8 tiles. GPT-4o: 85 + 8 x 170 = 1,445; GPT-4o mini: 2,833 + 8 x 5,667 = 48,169; low detail is the
 *   first summand. Models that count patches of 32 px: at most 2,500 at high detail, 256 at low, times at most 2.46 (the
 *   nano models): 6,150 and 630.
 * - Anthropic (build-with-claude/vision): patches of 28 px, at most 4,784 since Claude 4.7, and 1,568 before.
 * - Google (gemini-api/docs/media-resolution): 1,120 since Gemini 3, and 280 at low resolution. Before, tiles of 768 px at
 *   258 tokens each: at most 16, since larger images are scaled to 3,072 px: 4,128.
 */
export function imageTokensBound(kind: ProviderKind, model: string, request: ChatOptions): number {
  const tokens = tokensPerImage(kind, model);
  return detailsAsked(kind, request).reduce((sum, detail) => sum + tokens[detail], 0);
}
