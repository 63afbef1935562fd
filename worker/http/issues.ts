import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** Returns the rule that an issue breaks: zod's code or, for a rule of ours, the name in `params`. */
export const ruleOf = (issue: Issue): string =>
  issue.code === 'custom' && typeof issue.params?.rule === 'string' ? issue.params.rule : issue.code;

/** Returns the depth of the deepest issue within the value. */
const depthOf = (issues: readonly Issue[]): number => Math.max(0, ...issues.map(({ path }) => path.length));

/** Returns the expected type or values in a few words, or null when the issue does not name them. */
function expectedBy(issue: Issue): string | null {
  if (issue.code === 'invalid_type') return issue.expected;
  return issue.code === 'invalid_value'
    ? issue.values.map((value) => JSON.stringify(value)).join(', ')
    : null;
}

/**
 * Returns the issues of a union: those of the option that matched furthest, which is most likely the one that was meant. If no option
 * matched past its start, returns one issue that names them all.
 */
function issuesOfUnion(issue: Extract<Issue, { code: 'invalid_union' }>): Issue[] {
  const forms = issue.errors as Issue[][];
  const meant = forms.toSorted((a, b) => depthOf(b) - depthOf(a))[0];
  if (meant !== undefined && depthOf(meant) > 0)
    return issuesWithin(meant).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  const expected = forms.map(([first]) => (first === undefined ? null : expectedBy(first)));
  return [expected.includes(null) ? issue : { ...issue, message: `Expected ${expected.join(' or ')}` }];
}

/** Returns the issues of a request that does not match its schema, each at its own field, unions resolved. Pure. */
export const issuesWithin = (issues: readonly Issue[]): Issue[] =>
  issues.flatMap((issue) =>
    issue.code === 'invalid_union' && issue.errors.length > 0 ? issuesOfUnion(issue) : [issue],
  );
