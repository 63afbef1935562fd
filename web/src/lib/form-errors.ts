import type { ApiError } from './api-client.ts';

/** Errors of forms, by field. Pure. */

export type FieldErrors<Field extends string> = Partial<Record<Field, string>>;

/** The request of a draft, or an error for each invalid field. */
export type FormRead<Value, Field extends string> =
  | { ok: true; value: Value }
  | { ok: false; errors: FieldErrors<Field> };

/** The part of a zod schema that a form needs. */
type Schema<Value> = {
  safeParse(
    draft: unknown,
  ): { success: true; data: Value } | { success: false; error: { issues: { path: PropertyKey[] }[] } };
};

/** The field of a path: the one with that name, or the innermost that contains it. */
function fieldOf<Field extends string>(path: string, fields: Record<Field, unknown>): Field {
  let field = path;
  while (!Object.hasOwn(fields, field) && field.includes('.')) field = field.slice(0, field.lastIndexOf('.'));
  return field as Field;
}

/** Reads a draft by its schema. `rules` has the error message of each field. */
export function readForm<Value, Field extends string>(
  schema: Schema<Value>,
  draft: unknown,
  rules: Record<Field, string>,
): FormRead<Value, Field> {
  const parsed = schema.safeParse(draft);
  if (parsed.success) return { ok: true, value: parsed.data };
  const fields = parsed.error.issues.map(({ path }) => fieldOf(path.join('.'), rules));
  return {
    ok: false,
    errors: Object.fromEntries(fields.map((field) => [field, rules[field]])) as FieldErrors<Field>,
  };
}

const asSentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

type Issue = { field: string; message: string };

/** The fields named in an error of the API, with its message for each. */
function issuesOf({ details, message }: ApiError): Issue[] {
  if (typeof details.field === 'string') return [{ field: details.field, message }];
  const issues: unknown[] = Array.isArray(details.issues) ? details.issues : [];
  return issues.flatMap((issue): Issue[] => {
    const { field, message: rule } = (issue ?? {}) as Partial<Record<string, unknown>>;
    return typeof field === 'string' && typeof rule === 'string' ? [{ field, message: rule }] : [];
  });
}

/** Splits an error of the API into errors for `fields`, and the error itself unless those explain all of it. */
export function refusalOf<Field extends string>(
  error: ApiError | null,
  fields: readonly Field[],
): { errors: FieldErrors<Field>; rest: ApiError | null } {
  if (error === null) return { errors: {}, rest: null };
  const known = Object.fromEntries(fields.map((field) => [field, true])) as Record<Field, true>;
  const issues = issuesOf(error);
  const named = issues
    .map(({ field, message }) => ({ field: fieldOf(field, known), message }))
    .filter(({ field }) => Object.hasOwn(known, field));
  return {
    errors: Object.fromEntries(
      named.map(({ field, message }) => [field, asSentence(message)]),
    ) as FieldErrors<Field>,
    rest: issues.length > 0 && named.length === issues.length ? null : error,
  };
}
