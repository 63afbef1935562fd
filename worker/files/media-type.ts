import type { FileKind } from '../../contracts/v1/file-references.ts';

/** The type of a file, as its first bytes and its name tell it. What the client says is not asked. Pure. */

/** The number of first bytes that decide. */
export const HEAD_BYTES = 4_096;

const UNKNOWN = 'application/octet-stream';

/** Marks at the beginning, as Latin-1: at the first byte, and for containers at the ninth as well. */
const marks: readonly [type: string, first: string, ninth?: string][] = [
  ['application/pdf', '%PDF-'],
  ['image/png', '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', '\xff\xd8\xff'],
  ['image/gif', 'GIF87a'],
  ['image/gif', 'GIF89a'],
  ['image/webp', 'RIFF', 'WEBP'],
  ['audio/wav', 'RIFF', 'WAVE'],
  ['audio/aiff', 'FORM', 'AIFF'],
  ['audio/aiff', 'FORM', 'AIFC'],
  ['audio/flac', 'fLaC'],
  ['audio/ogg', 'OggS'],
  ['audio/mpeg', 'ID3'],
];

/** Types of texts by the end of the name. All others are plain: a page or a drawing with scripts is served as the text it is. */
const textTypes: Partial<Record<string, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  markdown: 'text/markdown',
  md: 'text/markdown',
};

/** Returns the type of a frame of MPEG audio: layer III is MP3, and AAC in ADTS has none. Null for any other beginning. */
function frameTypeOf([first = 0, second = 0]: Uint8Array): string | null {
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return null;
  if ((second & 0xf6) === 0xf0) return 'audio/aac';
  return (second & 0x18) !== 0x08 && (second & 0x06) === 0x02 ? 'audio/mpeg' : null;
}

/** True for bytes that are the beginning of a text in UTF-8, which may end within a character. */
function isText(head: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(head, { stream: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters tell a text from other bytes
    return !/[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text);
  } catch {
    return false;
  }
}

/** Returns the type of a file by its first bytes, and of a text by its name. */
export function mediaTypeOf(head: Uint8Array, name: string): string {
  const latin1 = Array.from(head.subarray(0, 16), (byte) => String.fromCharCode(byte)).join('');
  const marked = marks.find(
    ([, first, ninth = '']) => latin1.startsWith(first) && latin1.startsWith(ninth, ninth === '' ? 0 : 8),
  );
  const type = marked?.[0] ?? frameTypeOf(head);
  if (type !== null) return type;
  if (!isText(head)) return UNKNOWN;
  return textTypes[/\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''] ?? 'text/plain';
}

/** Returns the kind of a type that {@link mediaTypeOf} gave; `other` for what no model takes. */
export function kindOf(media_type: string): FileKind | 'other' {
  if (media_type === 'application/pdf') return 'pdf';
  if (media_type.startsWith('image/')) return 'image';
  if (media_type.startsWith('audio/')) return 'audio';
  return media_type === UNKNOWN ? 'other' : 'text';
}
