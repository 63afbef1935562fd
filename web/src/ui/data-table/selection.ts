/** The chosen rows of a list. */
export type Selection<Row> = {
  /** The keys of the chosen rows. */
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
  /** False for rows that cannot be chosen. */
  canChoose: (row: Row) => boolean;
  /** The name of a row, for its checkbox. */
  nameOf: (row: Row) => string;
};

/** Returns the keys with or without some more. Pure. */
export function withChosen(
  chosen: ReadonlySet<string>,
  keys: string[],
  isChosen: boolean,
): ReadonlySet<string> {
  const changed = new Set(chosen);
  for (const key of keys)
    if (isChosen) changed.add(key);
    else changed.delete(key);
  return changed;
}
