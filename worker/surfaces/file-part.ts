import type { ChatMessage } from '../../contracts/chat/chat.ts';
import { fileContentOf } from '../../contracts/v1/document-data.ts';

type Part = Extract<ChatMessage, { role: 'user' }>['content'][number];

/** Converts a file of OpenAI's APIs: a PDF with its name, or a text with the name of its file before it. Null for any other. Pure. */
export function filePartOf(file_data: string, filename: string | null | undefined): Part | null {
  const content = fileContentOf(file_data);
  if (content === null) return null;
  if (content.type === 'document')
    return { type: 'document', source: content.source, ...(filename && { title: filename }) };
  return { type: 'text', text: [filename, content.text].filter(Boolean).join('\n\n') };
}
