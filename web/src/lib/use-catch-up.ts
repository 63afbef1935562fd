import { useEffect, useState } from 'react';

/** The journal reaches the database about a second after the wallet; waiting longer than this sum helps nobody. */
const WAITS_MS = [600, 900, 1_300, 2_000, 3_000, 5_000];

/**
 * Reads again, ever more slowly, while what is shown is known to be behind. True as long as there is hope.
 * `reload` must be stable.
 */
export function useCatchUp(isBehind: boolean, reload: () => void): boolean {
  const [tries, setTries] = useState(0);
  const wait = WAITS_MS[tries];

  useEffect(() => {
    if (!isBehind) {
      setTries(0);
      return;
    }
    if (wait === undefined) return;
    const timer = setTimeout(() => {
      setTries((count) => count + 1);
      reload();
    }, wait);
    return () => clearTimeout(timer);
  }, [isBehind, wait, reload]);

  return isBehind && wait !== undefined;
}
