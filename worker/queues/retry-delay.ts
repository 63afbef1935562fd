const RETRY_DELAY_BASE_S = 2;
const RETRY_DELAY_MAX_S = 300;

/** Seconds to wait before delivery number `attempts + 1`: doubling, with jitter so that messages spread out. */
export const retryDelayS = (attempts: number): number =>
  Math.min(
    RETRY_DELAY_MAX_S,
    Math.ceil(RETRY_DELAY_BASE_S ** Math.min(attempts, 10) * (0.5 + Math.random())),
  );
