/** An expected outcome as a value: a success, or a failure with a code. Bugs are exceptions. */
export type Result<Value, Failure extends { code: string }> =
  | { ok: true; value: Value }
  | { ok: false; failure: Failure };

/** Returns a success. */
export const ok = <Value>(value: Value): { ok: true; value: Value } => ({ ok: true, value });

/** Returns a failure. */
export const fail = <Failure extends { code: string }>(
  failure: Failure,
): { ok: false; failure: Failure } => ({
  ok: false,
  failure,
});
