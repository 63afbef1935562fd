import { attemptObjects } from './attempt.ts';

/** The most objects that one call lists or deletes (platform limit). */
export const OBJECTS_PER_CALL = 1_000;

/**
 * Deletes the objects under a prefix, a thousand for each two calls. Returns their number, or null if `callsMax` pages were not enough and
 * some are left.
 */
export async function deleteUnder(
  objects: R2Bucket,
  prefix: string,
  callsMax: number,
): Promise<number | null> {
  let deleted = 0;
  for (let call = 0; call < callsMax; call += 1) {
    const page = await attemptObjects(() => objects.list({ prefix, limit: OBJECTS_PER_CALL }));
    const keys = page.objects.map(({ key }) => key);
    if (keys.length > 0) await attemptObjects(() => objects.delete(keys));
    deleted += keys.length;
    if (!page.truncated) return deleted;
  }
  return null;
}
