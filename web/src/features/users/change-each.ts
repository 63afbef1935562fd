import { ApiError } from '../../lib/api-client.ts';

/** An item that was not changed, and the reason. */
export type FailedChange<Item> = { item: Item; error: ApiError };

/**
 * Changes one item after the other, and goes on after a failure. Returns the items that the API refused, in their order. `onProgress` gets
 * the number of items done. Throws on bugs.
 */
export async function changeEach<Item>(
  items: Item[],
  change: (item: Item) => Promise<unknown>,
  onProgress: (done: number) => void,
): Promise<FailedChange<Item>[]> {
  const failed: FailedChange<Item>[] = [];
  for (const [index, item] of items.entries()) {
    try {
      await change(item);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failed.push({ item, error });
    }
    onProgress(index + 1);
  }
  return failed;
}
