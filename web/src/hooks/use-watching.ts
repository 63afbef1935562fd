import { useEffect, useState } from 'react';

const FIRST_MS = 1_000;
const LONGEST_MS = 8_000;
const GROWTH = 1.3;

/**
 * Reads again and again while something goes on, ever more slowly, and not while nobody looks. For what may take an hour.
 * `reload` must be stable.
 */
export function useWatching(goesOn: boolean, reload: () => void): void {
  const [rounds, setRounds] = useState(0);

  useEffect(() => {
    if (!goesOn) {
      setRounds(0);
      return;
    }
    const timer = setTimeout(
      () => {
        setRounds((count) => count + 1);
        if (document.visibilityState === 'visible') reload();
      },
      Math.min(FIRST_MS * GROWTH ** rounds, LONGEST_MS),
    );
    return () => clearTimeout(timer);
  }, [goesOn, rounds, reload]);
}
