import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../../web/src/lib/api-client.ts';
import { isRetried, retryDelayMs } from '../../../../web/src/lib/retry.ts';

const refusal = (status: number | null, retryAfterS: number | null = null) =>
  new ApiError('internal', 'No.', null, {}, retryAfterS, status);

describe('A read that failed', () => {
  it('is tried again twice after a 503, and never after another status, a lost connection or a bug', () => {
    expect([0, 1, 2].map((failures) => isRetried(failures, refusal(503)))).toEqual([true, true, false]);
    for (const status of [400, 401, 404, 429, 500, null]) expect(isRetried(0, refusal(status))).toBe(false);
    expect(isRetried(0, new TypeError('bug'))).toBe(false);
  });

  it('waits as long as the server asks, and is left to the person when that is long', () => {
    expect(retryDelayMs(0, refusal(503, 4))).toBe(4_000);
    expect(isRetried(0, refusal(503, 10))).toBe(true);
    expect(isRetried(0, refusal(503, 11))).toBe(false);
  });

  it('waits longer each time when the server asks for nothing', () => {
    expect([0, 1].map((failures) => retryDelayMs(failures, refusal(503), 0))).toEqual([250, 500]);
  });
});
