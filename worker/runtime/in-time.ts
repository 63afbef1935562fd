/** Rejects when `work` takes longer than `limit_ms`. A late result or failure is ignored. */
export async function inTime<Value>(
  work: Promise<Value>,
  limit_ms: number,
  errorOf: () => Error,
): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(errorOf()), limit_ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
