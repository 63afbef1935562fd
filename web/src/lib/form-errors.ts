import type { ApiError } from './api-client.ts';

/** What is wrong with a form, said at its fields. Pure. */

export type FieldErrors<Field extends string> = Partial<Record<Field, string>>;

/** The request a draft makes, or an error for each field that is wrong. */
export type FormRead<Value, Field extends string> =
  | { ok: true; value: Value }
  | { ok: false; errors: FieldErrors<Field> };

/** A schema of the API's contract, as far as a form needs it. */
type Schema<Value> = {
  safeParse(
    draft: unknown,
  ): { success: true; data: Value } | { success: false; error: { issues: { path: PropertyKey[] }[] } };
};

/** The field a path belongs to: the one of that name, or the one it lies in. */
const fieldOf = <Field extends string>(path: string, fields: Record<Field, unknown>): Field =>
  (Object.hasOwn(fields, path) ? path : path.split('.')[0]) as Field;

/** The request a draft says, or what is wrong with it, in the form's own words, by field. */
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

/** Every field the API named in a refusal, with what it said of it. */
function issuesOf({ details, message }: ApiError): Issue[] {
  if (typeof details.field === 'string') return [{ field: details.field, message }];
  const issues: unknown[] = Array.isArray(details.issues) ? details.issues : [];
  return issues.flatMap((issue): Issue[] => {
    const { field, message: rule } = (issue ?? {}) as Partial<Record<string, unknown>>;
    return typeof field === 'string' && typeof rule === 'string' ? [{ field, message: rule }] : [];
  });
}

/**
 * What the API refused a form for: what belongs to one of its `fields`, and the error itself where that does not explain
 * it all.
 */
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
