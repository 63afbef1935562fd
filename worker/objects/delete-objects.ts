/** Keys of a page, so that a page with as many references is deleted by one call: R2 deletes at most 1,000 keys at once. */
const PAGE_KEYS = 500;

/**
 * Deletes all objects whose keys begin with the prefix, page by page. `alsoOf` names further keys to delete with an object, one at most,
 * by its custom metadata.
 */
export async function deleteObjects(
  objects: R2Bucket,
  prefix: string,
  alsoOf: (metadata: Record<string, string>) => string[] = () => [],
): Promise<void> {
  let isTruncated = true;
  while (isTruncated) {
    // What was listed is deleted, so the rest is listed from its beginning.
    const page = await objects.list({ prefix, limit: PAGE_KEYS, include: ['customMetadata'] });
    const keys = page.objects.flatMap(({ key, customMetadata }) => [key, ...alsoOf(customMetadata ?? {})]);
    if (keys.length > 0) await objects.delete(keys);
    isTruncated = page.truncated;
  }
}
