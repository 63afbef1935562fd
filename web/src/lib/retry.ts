import { ApiError } from './api-client.ts';
import { backoffMs } from './backoff.ts';

const RETRIES_MAX = 2;
/** With a longer wait, the user sees the error and a button to try again. */
const RETRY_AFTER_MAX_S = 10;

/** True when a read is tried again after an error: only after a 503, and at most twice. `failures` are those before this one. Pure. */
export const isRetried = (failures: number, error: Error): boolean =>
  error instanceof ApiError &&
  error.status === 503 &&
  failures < RETRIES_MAX &&
  (error.retryAfterS ?? 0) <= RETRY_AFTER_MAX_S;

/** Milliseconds before the next try: the server's Retry-After, or else a growing wait. Pure. */
export const retryDelayMs = (failures: number, error: Error, random = Math.random()): number =>
  error instanceof ApiError && error.retryAfterS !== null
    ? error.retryAfterS * 1_000
    : backoffMs(failures + 1, random);
