import { fileIdOf } from '../../../contracts/v1/file-id.ts';
import type { AtReference, FileKind, LoadedFile } from '../../../contracts/v1/file-references.ts';
import type { AnthropicFile, StoredFile } from '../../../contracts/v1/files.ts';
import type { CountTokensRequest, MessageParam } from '../../../contracts/v1/messages-request.ts';

/** Uploaded files in Anthropic's form, and references to them in messages. Pure. */

type UserBlock = Exclude<Extract<MessageParam, { role: 'user' }>['content'], string>[number];
type ToolResult = Extract<UserBlock, { type: 'tool_result' }>;
type Block = Exclude<UserBlock, ToolResult>;
type ImageBlock = Extract<Block, { type: 'image' }>;
type DocumentBlock = Extract<Block, { type: 'document' }>;
type ImageType = Extract<ImageBlock['source'], { type: 'base64' }>['media_type'];

/** Presents a file. */
export const anthropicFileOf = ({
  id,
  filename,
  media_type,
  bytes,
  created_at_ms,
  expires_at_ms,
}: StoredFile): AnthropicFile => ({
  ...{ id: fileIdOf(id), type: 'file', filename, mime_type: media_type, size_bytes: bytes },
  created_at: new Date(created_at_ms).toISOString(),
  expires_at: new Date(expires_at_ms).toISOString(),
  ...{ downloadable: true, scope: null },
});

const images: readonly FileKind[] = ['image'];
const documents: readonly FileKind[] = ['pdf', 'text'];

const imageOf = (block: ImageBlock, file: LoadedFile): ImageBlock => {
  if (file.kind !== 'image') throw new Error('An image block takes images');
  return { ...block, source: { type: 'base64', media_type: file.media_type as ImageType, data: file.data } };
};

const documentOf = (block: DocumentBlock, file: LoadedFile): DocumentBlock => {
  if (file.kind === 'text')
    return { ...block, source: { type: 'text', media_type: 'text/plain', data: file.text } };
  if (file.kind !== 'pdf') throw new Error('A document block takes PDFs and texts');
  return { ...block, source: { type: 'base64', media_type: 'application/pdf', data: file.data } };
};

/** Puts files into an image or a document, which can have images in it. `field`: the place of the block. */
function blockOf<Inner extends Block>(block: Inner, field: string, at: AtReference): Inner {
  if (block.type === 'image' && block.source.type === 'file') {
    const reference = { file_id: block.source.file_id, field: `${field}.source.file_id`, kinds: images };
    return at<Block>(reference, block, (file) => imageOf(block, file)) as Inner;
  }
  if (block.type !== 'document') return block;
  const { source } = block;
  if (source.type === 'file') {
    const reference = { file_id: source.file_id, field: `${field}.source.file_id`, kinds: documents };
    return at<Block>(reference, block, (file) => documentOf(block, file)) as Inner;
  }
  if (source.type !== 'content' || typeof source.content === 'string') return block;
  const content = source.content.map((inner, place) =>
    blockOf(inner, `${field}.source.content.${place}`, at),
  );
  return { ...block, source: { ...source, content } };
}

function resultOf(result: ToolResult, field: string, at: AtReference): ToolResult {
  if (!Array.isArray(result.content)) return result;
  const content = result.content.map((block, place) => blockOf(block, `${field}.content.${place}`, at));
  return { ...result, content };
}

function messageOf(message: MessageParam, field: string, at: AtReference): MessageParam {
  if (message.role !== 'user' || typeof message.content === 'string') return message;
  const content = message.content.map((block, place): UserBlock => {
    const path = `${field}.content.${place}`;
    return block.type === 'tool_result' ? resultOf(block, path, at) : blockOf(block, path, at);
  });
  return { ...message, content };
}

/** Puts uploaded files in the places of a request that name them. */
export const withFiles = <Request extends Pick<CountTokensRequest, 'messages'>>(
  request: Request,
  at: AtReference,
): Request => ({
  ...request,
  messages: request.messages.map((message, place) => messageOf(message, `messages.${place}`, at)),
});
