import { useRef } from 'react';

/** The journal reaches the database about a second after the wallet. After this time, something else is wrong. */
const CATCH_UP_MAX_MS = 13_000;

/** Milliseconds until a list that has been behind for this long is read again, or false to give up. Pure. */
export const catchUpMs = (behindForMs: number): number | false =>
  behindForMs > CATCH_UP_MAX_MS ? false : Math.max(600, behindForMs / 2);

/** Milliseconds since 1970 at which `mark` last changed. */
export function useChangedAt(mark: unknown): number {
  const last = useRef({ mark, ms: Date.now() });
  if (last.current.mark !== mark) last.current = { mark, ms: Date.now() };
  return last.current.ms;
}
