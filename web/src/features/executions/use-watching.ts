import { useEffect, useState } from 'react';
import { useTokenWallet } from '../wallet/token-wallet-context.tsx';

const FIRST_MS = 1_000;
const LONGEST_MS = 8_000;
const GROWTH = 1.3;

/**
 * Reads again while executions go on: as soon as the server says that one of the caller's has ended; and for the rest, and for when that
 * is missed, again and again, ever more slowly, and not while nobody looks. `reload` must be stable.
 */
export function useWatching(goesOn: boolean, reload: () => void): void {
  const [rounds, setRounds] = useState(0);
  const { onEnded } = useTokenWallet();

  useEffect(() => (goesOn ? onEnded(reload) : undefined), [goesOn, onEnded, reload]);

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
