import { type TokenPolicy, tokenPolicy } from '../../../../contracts/api/policies.ts';
import { fieldRules, type PolicyField } from './policy-words.ts';

/** A policy while it is being edited: an emptied number field holds a text. Pure. */
export type PolicyDraft = {
  [Field in PolicyField]: TokenPolicy[Field] | (TokenPolicy[Field] extends number ? string : never);
};

export type PolicyErrors = Partial<Record<PolicyField, string>>;

/** The policy a draft says, or what is wrong with it, by field. */
export function readDraft(
  draft: PolicyDraft,
): { ok: true; policy: TokenPolicy } | { ok: false; errors: PolicyErrors } {
  const parsed = tokenPolicy.safeParse(draft);
  if (parsed.success) return { ok: true, policy: parsed.data };
  const fields = parsed.error.issues.map(({ path }) => path[0] as PolicyField);
  return { ok: false, errors: Object.fromEntries(fields.map((field) => [field, fieldRules[field]])) };
}

/** Percents as typed, "80" or "80 %": ascending, each once; what is no whole percent from 1 to 100 is dropped. */
export function readPercents(texts: string[]): number[] {
  const percents = texts.flatMap((text) => text.split(/[\s,;]+/)).map((text) => text.replaceAll('%', ''));
  const whole = percents.filter((text) => /^\d{1,3}$/.test(text)).map(Number);
  return [...new Set(whole)]
    .filter((percent) => percent >= 1 && percent <= 100)
    .sort((one, other) => one - other);
}
