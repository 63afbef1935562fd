import type { ChatCompletionRequest, OpenAiMessage } from '../../../contracts/v1/chat-completions-request.ts';
import { fileIdOf } from '../../../contracts/v1/file-id.ts';
import type { AtReference, FileKind, LoadedFile } from '../../../contracts/v1/file-references.ts';
import type { OpenAiFile, StoredFile } from '../../../contracts/v1/files.ts';
import { dataUrlOf, inputAudioOf, textOfFile } from '../file-part.ts';

/** Uploaded files in OpenAI's form, and references to them in chat completions. Pure. */

type Part = Exclude<Extract<OpenAiMessage, { role: 'user' }>['content'], string>[number];
type FilePart = Extract<Part, { type: 'file' }>;

/** Presents a file. */
export const openAiFileOf = ({
  id,
  bytes,
  filename,
  purpose,
  created_at_ms,
  expires_at_ms,
}: StoredFile): OpenAiFile => ({
  ...{ id: fileIdOf(id), object: 'file', bytes },
  created_at: Math.floor(created_at_ms / 1_000),
  expires_at: Math.floor(expires_at_ms / 1_000),
  ...{ filename, purpose, status: 'processed' },
});

const kinds: readonly FileKind[] = ['pdf', 'text', 'image', 'audio'];

function partOf({ cache_control, file: { filename } }: FilePart, file: LoadedFile): Part {
  switch (file.kind) {
    case 'text':
      return { type: 'text', text: textOfFile(file, filename), cache_control };
    case 'image':
      return { type: 'image_url', image_url: { url: dataUrlOf(file) }, cache_control };
    case 'audio':
      return { type: 'input_audio', input_audio: inputAudioOf(file), cache_control };
    case 'pdf':
      return {
        ...{ type: 'file', cache_control },
        file: { file_data: dataUrlOf(file), filename: filename ?? file.filename },
      };
  }
}

/** Puts uploaded files in the places of a request that name them. */
export function withFiles(request: ChatCompletionRequest, at: AtReference): ChatCompletionRequest {
  const messages = request.messages.map((message, place): OpenAiMessage => {
    if ((message.role !== 'user' && message.role !== 'tool') || !Array.isArray(message.content))
      return message;
    const content = message.content.map((part, index): Part => {
      if (part.type !== 'file' || part.file.file_id == null) return part;
      const field = `messages.${place}.content.${index}.file.file_id`;
      return at<Part>({ file_id: part.file.file_id, field, kinds }, part, (file) => partOf(part, file));
    });
    return { ...message, content };
  });
  return { ...request, messages };
}
