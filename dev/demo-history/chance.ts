/** Chance that is the same in every run. */

/** Returns the next number from 0 to below 1. */
export type Random = () => number;

/** Returns a generator of numbers that begins with a seed (a linear congruential one, with the constants of Numerical Recipes). */
export function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Chooses one of several by their weights. */
export function chooseBy<Item>(
  items: readonly Item[],
  weightOf: (item: Item) => number,
  random: Random,
): Item {
  let left = random() * items.reduce((sum, item) => sum + weightOf(item), 0);
  for (const item of items) {
    left -= weightOf(item);
    if (left < 0) return item;
  }
  const last = items.at(-1);
  if (last === undefined) throw new Error('There is nothing to choose from');
  return last;
}

/** Returns a whole number between two, in which small ones are as frequent as large ones on a logarithmic scale. */
export const between = ([least, most]: [number, number], random: Random): number =>
  Math.round(least * (most / least) ** random());
