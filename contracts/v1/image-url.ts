import { type ImageSource, imageSource } from '../chat.ts';

/** An image where OpenAI's API has its URL, which may carry the bytes as well. Null when it is neither. Pure. */
export function imageSourceOf(url: string): ImageSource | null {
  const [, media_type, data] = /^data:([\w/+.-]+);base64,(.*)$/s.exec(url) ?? [];
  const source = data === undefined ? { kind: 'url', url } : { kind: 'base64', media_type, data };
  return imageSource.safeParse(source).data ?? null;
}
