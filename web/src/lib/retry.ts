import { ApiError } from './api-client.ts';
import { backoffMs } from './backoff.ts';

const RETRIES_MAX = 2;
/** A longer wait is left to the person, who sees the error and a button. */
const RETRY_AFTER_MAX_S = 10;

/** True when a read that failed this many times before (0 at first) is tried again: after a 503 alone. Pure. */
export const isRetried = (failures: number, error: Error): boolean =>
  error instanceof ApiError &&
  error.status === 503 &&
  failures < RETRIES_MAX &&
  (error.retryAfterS ?? 0) <= RETRY_AFTER_MAX_S;

/** Milliseconds before the next try: what the server asks for with Retry-After, or else a growing wait. Pure. */
export const retryDelayMs = (failures: number, error: Error, random = Math.random()): number =>
  error instanceof ApiError && error.retryAfterS !== null
    ? error.retryAfterS * 1_000
    : backoffMs(failures + 1, random);
