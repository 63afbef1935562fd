import { fileIdOf } from '../../contracts/v1/file-id.ts';
import type { StoredFile } from '../../contracts/v1/files.ts';

/** Files of a page, in the order of the answer, and if others follow. */
export type FilePage = { files: readonly StoredFile[]; has_more: boolean };

const idOf = (file: StoredFile | undefined): string | null => (file === undefined ? null : fileIdOf(file.id));

/** Returns the fields by which both APIs tell where a page begins and ends. Pure. */
export const endsOfPage = ({ files, has_more }: FilePage) => ({
  first_id: idOf(files[0]),
  last_id: idOf(files.at(-1)),
  has_more,
});
