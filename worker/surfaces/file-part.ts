import type { ChatMessage } from '../../contracts/chat/chat.ts';
import { fileContentOf } from '../../contracts/v1/document-data.ts';
import type { LoadedFile } from '../../contracts/v1/file-references.ts';
import { audioFormatOf } from '../../contracts/v1/input-audio.ts';

type Part = Extract<ChatMessage, { role: 'user' }>['content'][number];
type Bytes = Exclude<LoadedFile, { kind: 'text' }>;

/** Joins a text and the name of its file, which stands before it. Pure. */
const namedText = (text: string, filename: string | null | undefined): string =>
  [filename, text].filter(Boolean).join('\n\n');

/** Converts a file of OpenAI's APIs: a PDF with its name, or a text with the name of its file before it. Null for any other. Pure. */
export function filePartOf(file_data: string, filename: string | null | undefined): Part | null {
  const content = fileContentOf(file_data);
  if (content === null) return null;
  if (content.type === 'document')
    return { type: 'document', source: content.source, ...(filename && { title: filename }) };
  return { type: 'text', text: namedText(content.text, filename) };
}

/** Returns the text of an uploaded file, with its name before it. Pure. */
export const textOfFile = (
  { text, filename }: Extract<LoadedFile, { kind: 'text' }>,
  name?: string | null | undefined,
): string => namedText(text, name ?? filename);

/** Returns an uploaded file as a data URL. Pure. */
export const dataUrlOf = ({ media_type, data }: Bytes): string => `data:${media_type};base64,${data}`;

/** Returns an uploaded recording in OpenAI's form. Pure. */
export const inputAudioOf = (file: Bytes) => ({ data: file.data, format: audioFormatOf(file) });
