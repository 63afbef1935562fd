import { type DocumentSource, documentSource, TEXT_MAX } from '../chat/chat-parts.ts';
import { parseDataUrl } from './data-url.ts';

/** A file of a request: a PDF, or a text. */
export type FileContent = { type: 'document'; source: DocumentSource } | { type: 'text'; text: string };

/** Types that are text beside `text/...`. */
const textTypes = ['application/json', 'application/xml', 'application/yaml', 'application/x-yaml'];

const isTextType = (media_type: string): boolean =>
  media_type.startsWith('text/') || textTypes.includes(media_type);

/** The bytes in base64 as a text; null if they are no UTF-8, or too long. */
function textOf(data: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
    return text.length > TEXT_MAX ? null : text;
  } catch {
    return null;
  }
}

/** The beginning of a PDF (`%PDF-`) in base64. Some clients send it without a data URL. */
const PDF_BASE64 = 'JVBERi';

const documentOf = (source: object): FileContent | null => {
  const parsed = documentSource.safeParse(source);
  return parsed.success ? { type: 'document', source: parsed.data } : null;
};

/**
 * Reads OpenAI's `file_data`: a data URL of a PDF or of a text, a PDF in base64, or an https URL of a PDF, as OpenRouter takes it. Returns
 * null for any other. Pure.
 */
export function fileContentOf(file_data: string): FileContent | null {
  const bare = file_data.startsWith(PDF_BASE64) ? `data:application/pdf;base64,${file_data}` : file_data;
  const data = parseDataUrl(bare);
  if (data === null) return documentOf({ kind: 'url', url: bare });
  if (!isTextType(data.media_type)) return documentOf({ kind: 'base64', ...data });
  const text = textOf(data.data);
  return text === null ? null : { type: 'text', text };
}
