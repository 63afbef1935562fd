import { useState } from 'react';

const KEY = 'enter-sends';

/** The setting of this browser whether Enter sends a prompt. On unless it was turned off. */
export function useEnterSends(): [boolean, (enterSends: boolean) => void] {
  const [enterSends, setEnterSends] = useState(() => localStorage.getItem(KEY) !== 'false');
  return [
    enterSends,
    (chosen) => {
      localStorage.setItem(KEY, String(chosen));
      setEnterSends(chosen);
    },
  ];
}
