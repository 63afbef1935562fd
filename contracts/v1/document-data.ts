import { type DocumentSource, documentSource } from '../chat/chat-parts.ts';

/** Reads a document from OpenAI's `file_data`, a data URL of a PDF, or an https URL, as OpenRouter takes it. Returns null for any other. Pure. */
export function documentSourceOf(file_data: string): DocumentSource | null {
  const [, type = '', data] = /^data:([\w/+.-]+);base64,(.*)$/s.exec(file_data) ?? [];
  const source =
    data === undefined
      ? { kind: 'url', url: file_data }
      : { kind: 'base64', media_type: type.toLowerCase(), data };
  return documentSource.safeParse(source).data ?? null;
}
