/** What each of a field's values means, where its description says so. Pure. */

export type Meaning = {
  /** As JSON, like the values of a shape. */
  value: string;
  text: string;
};
export type Explained = { description: string | null; meanings: Meaning[] };

const capitalized = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

/** One clause of a description: "`hard`: it is refused", "`reported` by the provider". */
const CLAUSE = /^`([^`]+)`(?::\s+|\s+)(?!and\b|or\b)(.+?)\.?$/s;

/** Where the first clause begins: at the beginning, or after a colon. */
const FIRST = /(?:^|:\s+)(?=`[^`]+`)/;

/**
 * A description that explains every value in a clause of its own, taken apart, so that it can be read as a list. Any other stays as
 * it is.
 */
export function explained(description: string | null, values: string[]): Explained {
  const asItIs = { description, meanings: [] };
  const begin = FIRST.exec(description ?? '');
  if (description === null || begin === null || values.length < 2) return asItIs;
  const clauses = description.slice(begin.index + begin[0].length).split(/;\s+/);
  const meanings = clauses.flatMap((clause) => {
    const [, value, text] = CLAUSE.exec(clause) ?? [];
    return value === undefined || text === undefined
      ? []
      : [{ value: JSON.stringify(value), text: capitalized(text) }];
  });
  const named = new Set(meanings.map(({ value }) => value));
  const isComplete = clauses.length === values.length && values.every((value) => named.has(value));
  if (!isComplete) return asItIs;
  return { description: description.slice(0, begin.index) || null, meanings };
}
