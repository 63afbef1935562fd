import { fileIdOfUri } from '../../../contracts/v1/file-id.ts';
import type { AtReference, FileKind, LoadedFile } from '../../../contracts/v1/file-references.ts';
import type { GoogleContent, GooglePart } from '../../../contracts/v1beta/content.ts';

/** References to uploaded files in contents of Google's API. Pure. */

const kinds: readonly FileKind[] = ['pdf', 'text', 'image'];

/** The type of the request is not asked: the bytes have told it. */
function partOf(part: GooglePart, file: LoadedFile): GooglePart {
  const { fileData: _, ...others } = part;
  if (file.kind === 'text') return { ...others, text: file.text };
  return { ...others, inlineData: { mimeType: file.media_type, data: file.data } };
}

/** Puts uploaded files in the places of contents that name them. `field`: the place of the contents. */
export const withFiles = (
  contents: readonly GoogleContent[],
  field: string,
  at: AtReference,
): GoogleContent[] =>
  contents.map((content, place) => ({
    ...content,
    parts: content.parts?.map((part, index): GooglePart => {
      const file_id = part.fileData == null ? null : fileIdOfUri(part.fileData.fileUri);
      if (file_id === null) return part;
      const reference = { file_id, field: `${field}.${place}.parts.${index}.fileData.fileUri`, kinds };
      return at<GooglePart>(reference, part, (file) => partOf(part, file));
    }),
  }));
