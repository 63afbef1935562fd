/** The bucket could not be reached, or failed. The request may be correct and can be repeated. */
export class ObjectsUnavailable extends Error {
  override readonly name = 'ObjectsUnavailable';
}

/** Calls the bucket. Throws {@link ObjectsUnavailable} if it fails. */
export async function attemptObjects<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (cause) {
    throw new ObjectsUnavailable('The bucket did not answer', { cause });
  }
}
