/** Results of the command palette. Pure. */

/** Returns true if every word of the search is in one of the texts, whatever the capitals. */
export function matches(search: string, ...texts: string[]): boolean {
  const text = texts.join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Returns the id that a search is, or null. */
export const idIn = (search: string): string | null =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(search.trim()) ? search.trim().toLowerCase() : null;
