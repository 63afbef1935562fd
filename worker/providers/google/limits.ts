import { type ImageDetail, imageDetailOf, imagesOf } from '../chat/conversation.ts';
import type { NeutralRequest } from '../provider.ts';
import { unsupportedDocumentUrl, unsupportedToolName } from '../provider-kind.ts';

/** The limits of Google's models: requests they cannot serve, and the most tokens of images. Pure. */

/** The most stop sequences (ai.google.dev/api/generate-content, November 2026). */
export const GOOGLE_STOPS_MAX = 5;

/** The reason why no Gemini model can serve the request; null when it can be served. */
export function unsupportedByGoogle(request: NeutralRequest): string | null {
  const images = imagesOf(request);
  if (images.some(({ source }) => source.kind === 'url'))
    return 'This model takes images as base64, not by URL';
  if (images.some(({ source }) => source.kind === 'base64' && source.media_type === 'image/gif'))
    return 'This model takes no GIF';
  const byUrl = unsupportedDocumentUrl(request);
  if (byUrl !== null) return byUrl;
  if (request.tools === undefined) return null;
  const name = unsupportedToolName(request);
  if (name !== null) return name;
  const format = request.response_format?.type;
  if (format === 'json_object' || format === 'json_schema')
    return 'This model takes tools or a form of answer, not both';
  return null;
}

/** The level of detail for all images of the request, which the API takes once: low when every image asks for low. */
export function googleImageDetail(request: NeutralRequest): ImageDetail {
  const images = imagesOf(request);
  return images.length > 0 && images.every((image) => imageDetailOf(image) === 'low') ? 'low' : 'high';
}

const TOKENS_BEFORE_3 = { high: 4_128, low: 280 };
const TOKENS_SINCE_3 = { high: 1_120, low: 280 };

const since3 = /(^|\/)gemini-([3-9]|\d\d)/;

/**
 * The bound of all images of the request, in tokens (gemini-api/docs/media-resolution, November 2026): 1,120 since Gemini 3, and
 * 280 at low resolution. Before, tiles of 768 px at 258 tokens each: at most 16, since larger images are scaled to 3,072 px.
 */
export function googleImageTokensBound(request: NeutralRequest): number {
  const tokens = since3.test(request.model) ? TOKENS_SINCE_3 : TOKENS_BEFORE_3;
  return imagesOf(request).length * tokens[googleImageDetail(request)];
}
