import type { ErrorResponse } from '../../contracts/errors.ts';

type ErrorBody = ErrorResponse['error'];
type Named = { field?: unknown; message?: unknown };

/**
 * Returns an error with a surface's names for our fields. Needed for refusals by an execution's plan: errors of the surface's own
 * contract already use its names. Pure.
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
