import { useInterval } from '@mantine/hooks';
import { useState } from 'react';

/** The current time in milliseconds, updated every second. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useInterval(() => setNowMs(Date.now()), 1_000, { autoInvoke: true });
  return nowMs;
}
