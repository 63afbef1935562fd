import { attemptObjects } from './attempt.ts';

/** The most objects that one call deletes (platform limit). */
export const OBJECTS_PER_CALL = 1_000;

/** Objects of a page, so that a page with as many further keys is deleted by one call. */
const PAGE_OBJECTS = OBJECTS_PER_CALL / 2;

/**
 * Deletes the objects under a prefix, a page for each two calls. `alsoOf` names a further key to delete with an object, by its custom
 * metadata. Returns the number of deleted keys, or null if `pagesMax` pages were not enough and some are left.
 */
export async function deleteUnder(
  objects: R2Bucket,
  prefix: string,
  pagesMax: number,
  alsoOf: (metadata: Record<string, string>) => string[] = () => [],
): Promise<number | null> {
  let deleted = 0;
  for (let count = 0; count < pagesMax; count += 1) {
    // What was listed is deleted, so the rest is listed from its beginning.
    const page = await attemptObjects(() =>
      objects.list({ prefix, limit: PAGE_OBJECTS, include: ['customMetadata'] }),
    );
    const keys = page.objects.flatMap(({ key, customMetadata }) => [key, ...alsoOf(customMetadata ?? {})]);
    if (keys.length > 0) await attemptObjects(() => objects.delete(keys));
    deleted += keys.length;
    if (!page.truncated) return deleted;
  }
  return null;
}
