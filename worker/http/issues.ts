import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** How deep into a value an issue lies. */
const depthOf = (issues: readonly Issue[]): number => Math.max(0, ...issues.map(({ path }) => path.length));

/** What would have been right, in a word or two; null when the issue does not say. */
function expectedBy(issue: Issue): string | null {
  if (issue.code === 'invalid_type') return issue.expected;
  return issue.code === 'invalid_value'
    ? issue.values.map((value) => JSON.stringify(value)).join(', ')
    : null;
}

/**
 * What is really wrong where one of several forms was expected: the issues of the form that was meant, which is the one that came
 * furthest before it broke. When none got past its beginning, all of them were possible, and the issue names them.
 */
function issuesOfUnion(issue: Extract<Issue, { code: 'invalid_union' }>): Issue[] {
  const forms = issue.errors as Issue[][];
  const meant = forms.toSorted((a, b) => depthOf(b) - depthOf(a))[0];
  if (meant !== undefined && depthOf(meant) > 0)
    return issuesWithin(meant).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  const expected = forms.map(([first]) => (first === undefined ? null : expectedBy(first)));
  return [expected.includes(null) ? issue : { ...issue, message: `Expected ${expected.join(' or ')}` }];
}

/** The issues of a request that broke its schema, each at the field that is at fault, however many forms that could have had. Pure. */
export const issuesWithin = (issues: readonly Issue[]): Issue[] =>
  issues.flatMap((issue) =>
    issue.code === 'invalid_union' && issue.errors.length > 0 ? issuesOfUnion(issue) : [issue],
  );
