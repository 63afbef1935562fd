import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';

const DURATION_MS = 700;

/** A number that counts to `target`. Changes at once for users who prefer reduced motion. */
export function useCounting(target: number): number {
  const still = useReducedMotion(false, { getInitialValueInEffect: false });
  const [shown, setShown] = useState(target);
  const from = useRef(target);

  useEffect(() => {
    const start = from.current;
    if (still || start === target) {
      from.current = target;
      setShown(target);
      return;
    }
    const startedAtMs = performance.now();
    let frame = requestAnimationFrame(function step(nowMs) {
      const share = Math.min(1, Math.max(0, (nowMs - startedAtMs) / DURATION_MS));
      const value = Math.round(start + (target - start) * (1 - (1 - share) ** 3));
      from.current = value;
      setShown(value);
      if (share < 1) frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [target, still]);

  return shown;
}
