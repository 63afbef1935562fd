import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** Returns the rule that an issue breaks: zod's code or, for a rule of ours, the name in `params`. */
export const ruleOf = (issue: Issue): string =>
  issue.code === 'custom' && typeof issue.params?.rule === 'string' ? issue.params.rule : issue.code;

/** Returns the depth of the deepest issue within the value. */
const depthOf = (issues: readonly Issue[]): number =>
  issues.reduce((deepest, { path }) => Math.max(deepest, path.length), 0);

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
  const [meant] = forms
    .map((found) => ({ found, depth: depthOf(found) }))
    .toSorted((a, b) => b.depth - a.depth);
  if (meant !== undefined && meant.depth > 0)
    return issuesWithin(meant.found).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  const expected = forms.map(([first]) => (first === undefined ? null : expectedBy(first)));
  return [expected.includes(null) ? issue : { ...issue, message: `Expected ${expected.join(' or ')}` }];
}

/** The largest number of issues in one answer. */
const ISSUES_MAX = 20;

/** Returns the first issues of a request that does not match its schema, each at its own field, unions resolved. Pure. */
export const issuesWithin = (issues: readonly Issue[]): Issue[] =>
  issues
    .slice(0, ISSUES_MAX)
    .flatMap((issue) =>
      issue.code === 'invalid_union' && issue.errors.length > 0 ? issuesOfUnion(issue) : [issue],
    )
    .slice(0, ISSUES_MAX);
