import { type ImageSource, imageSource } from '../chat/chat-parts.ts';

/** Names of types that are written for another. OpenAI takes them too. */
const typeOf: Partial<Record<string, string>> = { 'image/jpg': 'image/jpeg' };

/** Reads an image from OpenAI's `url`, an https or data URL. Returns null for any other. Pure. */
export function imageSourceOf(url: string): ImageSource | null {
  const [, type = '', data] = /^data:([\w/+.-]+);base64,(.*)$/s.exec(url) ?? [];
  const media_type = typeOf[type.toLowerCase()] ?? type.toLowerCase();
  const source = data === undefined ? { kind: 'url', url } : { kind: 'base64', media_type, data };
  return imageSource.safeParse(source).data ?? null;
}
