import type { ErrorResponse } from '../../contracts/errors.ts';

type ErrorBody = ErrorResponse['error'];
type Named = { field?: unknown; message?: unknown };

/**
 * One of our errors with the names that a surface gives our fields. Its own contract names the others: only what a plan refuses is said in
 * our words. Pure.
 */
export function renameFields(error: ErrorBody, names: Readonly<Record<string, string>>): ErrorBody {
  const nameOf = (field: unknown) => (typeof field === 'string' ? (names[field] ?? field) : field);
  const { details } = error;
  const issues: Named[] = Array.isArray(details?.issues) ? details.issues : [];
  const [first] = issues;
  const ours = `${first?.field}: `;
  return {
    ...error,
    message: error.message.startsWith(ours)
      ? `${nameOf(first?.field)}: ${error.message.slice(ours.length)}`
      : error.message,
    ...(details !== undefined && {
      details: {
        ...details,
        ...('field' in details && { field: nameOf(details.field) }),
        ...(issues.length > 0 && {
          issues: issues.map((issue) => ({ ...issue, field: nameOf(issue.field) })),
        }),
      },
    }),
  };
}
