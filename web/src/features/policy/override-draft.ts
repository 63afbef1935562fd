import type { TokenPolicyOverride, UserDetail } from '../../../../contracts/api/tenant/policies.ts';
import type { PolicyField } from '../../../../contracts/wallet/policy-update.ts';
import type { FormRead } from '../../lib/form-errors.ts';
import { overrideOf, ownFields } from './override.ts';
import { type PolicyDraft, readDraft } from './policy-draft.ts';

/** A user's own policy values while they are being edited. `own` are the fields that are not inherited. Pure. */
export type OverrideDraft = PolicyDraft & { own: PolicyField[] };

export const draftOfOverride = ({ effective_policy, override }: UserDetail): OverrideDraft => ({
  ...effective_policy,
  own: ownFields(override),
});

/** The override of a draft, or an error for each field that is wrong. */
export function readOverride({ own, ...policy }: OverrideDraft): FormRead<TokenPolicyOverride, PolicyField> {
  const read = readDraft(policy);
  return read.ok ? { ok: true, value: overrideOf(new Set(own), read.value) } : read;
}
