import { z } from 'zod';

/** Ids of files: `file-` and the 32 hex digits of a UUIDv7. Pure. */

/** Returns the id of a file as clients see it. */
export const fileIdOf = (uuid: string): string => `file-${uuid.replaceAll('-', '')}`;

/** Returns the UUID of a file by its id; null for an id that is not ours. */
export function uuidOfFile(id: string): string | null {
  const hex = /^file-([0-9a-f]{32})$/i.exec(id)?.[1]?.toLowerCase();
  return hex === undefined ? null : hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Returns the id in a `fileUri` of Google's API that names one of our files, alone or after `files/`; null for any other. */
export const fileIdOfUri = (uri: string): string | null =>
  /^(?:files\/)?(file-[0-9a-f]{32})$/i.exec(uri)?.[1]?.toLowerCase() ?? null;

/** The id of a file in a request. One that is not ours names no file. */
export const fileReference = z.string().min(1).max(100);
