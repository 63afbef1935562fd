import { type ImageSource, imageSource } from '../chat.ts';

/** Reads an image from OpenAI's `url`, an https or data URL. Returns null for any other. Pure. */
export function imageSourceOf(url: string): ImageSource | null {
  const [, media_type, data] = /^data:([\w/+.-]+);base64,(.*)$/s.exec(url) ?? [];
  const source = data === undefined ? { kind: 'url', url } : { kind: 'base64', media_type, data };
  return imageSource.safeParse(source).data ?? null;
}
