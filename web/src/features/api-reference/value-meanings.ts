/** The meanings of a field's values, taken from its description. Pure. */

export type Meaning = {
  /** The value, as JSON. */
  value: string;
  text: string;
};
export type Explained = { description: string | null; meanings: Meaning[] };

const capitalized = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

/** A clause about one value: "`hard`: it is refused", "`reported` by the provider". */
const CLAUSE = /^`([^`]+)`(?::\s+|\s+)(?!and\b|or\b)(.+?)\.?$/s;

/** The position of the first clause: the start, or after a colon. */
const FIRST = /(?:^|:\s+)(?=`[^`]+`)/;

/**
 * Splits a description that explains every value in a clause of its own into a list of meanings. Returns any other description
 * unchanged.
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
