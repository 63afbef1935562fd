/** `items` with the one at `from` moved by one place; null when it is at that end already. Pure. */
export function moved<Item>(items: Item[], from: number, by: 1 | -1): Item[] | null {
  const [one, other] = [items[from], items[from + by]];
  if (one === undefined || other === undefined) return null;
  return items.map((item, index) => (index === from ? other : index === from + by ? one : item));
}
