import { type ImageSource, imageSource } from '../chat/chat-parts.ts';
import { parseDataUrl } from './data-url.ts';

/** Names of types that are written for another. OpenAI takes them too. */
const typeOf: Partial<Record<string, string>> = { 'image/jpg': 'image/jpeg', 'image/pjpeg': 'image/jpeg' };

/** Returns the usual name of an image's type. Pure. */
export const imageTypeOf = (media_type: string): string => typeOf[media_type] ?? media_type;

/** Reads an image from OpenAI's `url`, a web address or a data URL. Returns null for any other. Pure. */
export function imageSourceOf(url: string): ImageSource | null {
  const data = parseDataUrl(url);
  const source =
    data === null
      ? { kind: 'url', url }
      : { kind: 'base64', media_type: imageTypeOf(data.media_type), data: data.data };
  return imageSource.safeParse(source).data ?? null;
}
