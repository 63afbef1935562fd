/** An expected outcome, good or bad, as a value. Bugs are exceptions; everything a caller may meet is one of these. */
export type Result<Value, Failure extends { code: string }> =
  | { ok: true; value: Value }
  | { ok: false; failure: Failure };

/** A good outcome. */
export const ok = <Value>(value: Value): { ok: true; value: Value } => ({ ok: true, value });

/** A bad one, with its code. */
export const fail = <Failure extends { code: string }>(
  failure: Failure,
): { ok: false; failure: Failure } => ({
  ok: false,
  failure,
});
