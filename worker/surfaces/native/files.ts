import type { CreateExecutionRequest, Message } from '../../../contracts/api/executions.ts';
import type { AudioSource, ImageSource } from '../../../contracts/chat/chat-parts.ts';
import type { AtReference, FileKind, LoadedFile } from '../../../contracts/v1/file-references.ts';
import { textOfFile } from '../file-part.ts';

/** References to uploaded files in requests of our own API. Pure. */

type Part = Exclude<Extract<Message, { role: 'user' }>['content'], string>[number];
type FilePart = Extract<Part, { type: 'file' }>;
type Base64Image = Extract<ImageSource, { kind: 'base64' }>;

const kinds: readonly FileKind[] = ['pdf', 'text', 'image', 'audio'];

function partOf({ cache_control }: FilePart, file: LoadedFile): Part {
  const marked = cache_control === undefined ? {} : { cache_control };
  if (file.kind === 'text') return { type: 'text', text: textOfFile(file), ...marked };
  const { data, media_type, filename: title } = file;
  switch (file.kind) {
    case 'image':
      return {
        type: 'image',
        source: { kind: 'base64', media_type: media_type as Base64Image['media_type'], data },
        ...marked,
      };
    case 'audio':
      return {
        type: 'audio',
        source: { kind: 'base64', media_type: media_type as AudioSource['media_type'], data },
        ...marked,
      };
    case 'pdf':
      return {
        type: 'document',
        source: { kind: 'base64', media_type: 'application/pdf', data },
        title,
        ...marked,
      };
  }
}

/** Puts uploaded files in the places of a request that name them. */
export function withFiles(request: CreateExecutionRequest, at: AtReference): CreateExecutionRequest {
  if (request.messages === undefined) return request;
  const messages = request.messages.map((message, place): Message => {
    if ((message.role !== 'user' && message.role !== 'tool') || typeof message.content === 'string')
      return message;
    const content = message.content.map((part, index): Part => {
      if (part.type !== 'file') return part;
      const reference = { file_id: part.file_id, field: `messages.${place}.content.${index}.file_id`, kinds };
      return at<Part>(reference, part, (file) => partOf(part, file));
    });
    return { ...message, content };
  });
  return { ...request, messages };
}
