import { useEffect, useRef, useState } from 'react';
import { useLocation, useNavigationType } from 'react-router';

/** Distance from the top at which a heading counts as reached, in pixels. The header takes 60 of them. */
const READ_FROM_PX = 160;

/** Scrolls to the element in the URL's hash and focuses it. Going back keeps the scroll position. */
export function useAnchor(): void {
  const location = useLocation();
  const type = useNavigationType();
  const isFirst = useRef(true);
  useEffect(() => {
    const isReturn = type === 'POP' && !isFirst.current;
    isFirst.current = false;
    if (isReturn || location.hash === '') return;
    const target = document.getElementById(location.hash.slice(1));
    target?.scrollIntoView();
    target?.focus({ preventScroll: true });
  }, [location, type]);
}

/** The id of the last of these elements that has reached the top of the page, or else the first. `ids` must be stable. */
export function useCurrentAnchor(ids: string[]): string | null {
  const [current, setCurrent] = useState<string | null>(null);
  useEffect(() => {
    const look = () => {
      const hasArrived = (id: string) =>
        (document.getElementById(id)?.getBoundingClientRect().top ?? Infinity) <= READ_FROM_PX;
      setCurrent(ids.findLast(hasArrived) ?? ids[0] ?? null);
    };
    look();
    window.addEventListener('scroll', look, { passive: true });
    return () => window.removeEventListener('scroll', look);
  }, [ids]);
  return current;
}
