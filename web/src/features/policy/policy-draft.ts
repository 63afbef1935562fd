import { type TokenPolicy, tokenPolicy } from '../../../../contracts/api/tenant/policies.ts';
import type { PolicyField } from '../../../../contracts/wallet/policy-update.ts';
import { readForm } from '../../lib/form-errors.ts';
import { fieldRules } from './policy-words.ts';

/** A policy while it is being edited: an emptied number field holds a text. Pure. */
export type PolicyDraft = {
  [Field in PolicyField]: TokenPolicy[Field] | (TokenPolicy[Field] extends number ? string : never);
};

/** The policy of a draft, or an error for each field that is wrong. */
export const readDraft = (draft: PolicyDraft) =>
  readForm<TokenPolicy, PolicyField>(tokenPolicy, draft, fieldRules);

/** Percentages from typed texts ("80" or "80 %"), ascending and each once. Drops texts that are not whole percentages from 1 to 100. */
export function readPercents(texts: string[]): number[] {
  const percents = texts.flatMap((text) => text.split(/[\s,;]+/)).map((text) => text.replaceAll('%', ''));
  const whole = percents.filter((text) => /^\d{1,3}$/.test(text)).map(Number);
  return [...new Set(whole)]
    .filter((percent) => percent >= 1 && percent <= 100)
    .sort((one, other) => one - other);
}
