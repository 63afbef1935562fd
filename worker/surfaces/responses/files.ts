import type { AtReference, FileKind, LoadedFile } from '../../../contracts/v1/file-references.ts';
import type { ResponseInputItem } from '../../../contracts/v1/responses-items.ts';
import type { ResponsesRequest } from '../../../contracts/v1/responses-request.ts';
import { dataUrlOf, inputAudioOf, textOfFile } from '../file-part.ts';

/** References to uploaded files in requests of the Responses API. Pure. */

type Content = Extract<ResponseInputItem, { type: 'function_call_output' }>['output'];
type Part = Exclude<Content, string>[number];
type FilePart = Extract<Part, { type: 'input_file' | 'input_image' }>;

const kindsOf: Record<FilePart['type'], readonly FileKind[]> = {
  input_file: ['pdf', 'text', 'image', 'audio'],
  input_image: ['image'],
};

function partOf(part: FilePart, file: LoadedFile): Part {
  const filename = part.type === 'input_file' ? part.filename : undefined;
  const detail = part.type === 'input_image' ? part.detail : undefined;
  switch (file.kind) {
    case 'text':
      return { type: 'input_text', text: textOfFile(file, filename) };
    case 'image':
      return { type: 'input_image', image_url: dataUrlOf(file), detail };
    case 'audio':
      return { type: 'input_audio', input_audio: inputAudioOf(file) };
    case 'pdf':
      return { type: 'input_file', file_data: dataUrlOf(file), filename: filename ?? file.filename };
  }
}

/** Puts files into the parts of an item. `field`: the place of the parts. */
function filled<Content extends string | { type: string }[]>(
  content: Content,
  field: string,
  at: AtReference,
): Content {
  if (typeof content === 'string') return content;
  return content.map((part, index) => {
    const named = part as Part;
    if ((named.type !== 'input_file' && named.type !== 'input_image') || named.file_id == null) return part;
    const reference = {
      file_id: named.file_id,
      field: `${field}.${index}.file_id`,
      kinds: kindsOf[named.type],
    };
    return at<Part>(reference, named, (file) => partOf(named, file));
  }) as Content;
}

function itemOf(item: ResponseInputItem, place: number, at: AtReference): ResponseInputItem {
  if (item.type === 'function_call_output' || item.type === 'custom_tool_call_output')
    return { ...item, output: filled(item.output, `input.${place}.output`, at) };
  if (item.type !== undefined && item.type !== 'message') return item;
  return { ...item, content: filled(item.content, `input.${place}.content`, at) };
}

/** Puts uploaded files in the places of a request that name them. */
export function withFiles(request: ResponsesRequest, at: AtReference): ResponsesRequest {
  const { input } = request;
  if (typeof input === 'string') return request;
  return { ...request, input: input.map((item, place) => itemOf(item, place, at)) };
}
