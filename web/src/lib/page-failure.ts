/** Reasons why a page did not load. Pure. */

/** `offline`: without a connection; `not_fetched`: a file of the page did not arrive; `broken`: a bug. */
export type PageFailure = 'offline' | 'not_fetched' | 'broken';

/** The messages of browsers (Chrome, Firefox, Safari) and of Vite for a module or a stylesheet that did not arrive. */
const FETCH_FAILURE =
  /dynamically imported module|importing a module script failed|unable to preload css|failed to fetch|load failed|networkerror/i;

/** True if an error says that a file of the page did not arrive. */
export const isFailedFetch = (error: unknown): boolean =>
  error instanceof Error && FETCH_FAILURE.test(error.message);

/** Returns why a page did not load. */
export function pageFailureOf(error: unknown, isOnline: boolean): PageFailure {
  if (!isFailedFetch(error)) return 'broken';
  return isOnline ? 'not_fetched' : 'offline';
}
