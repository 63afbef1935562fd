import type { TokenPolicy, TokenPolicyOverride } from '../../../../contracts/api/tenant/policies.ts';
import type { PolicyField } from '../../../../contracts/wallet/policy-update.ts';
import { policyFields } from './policy-words.ts';

/** A user's own values, laid over their level's. Pure. */

/** The effective policy of a user on a level with that policy. */
export const effectivePolicyOn = (level: TokenPolicy, override: TokenPolicyOverride): TokenPolicy => ({
  ...level,
  ...Object.fromEntries(Object.entries(override).filter(([, value]) => value !== null)),
});

/** The fields for which the user has their own value. */
export const ownFields = (override: TokenPolicyOverride): PolicyField[] =>
  policyFields.filter((field) => override[field] !== null);

/** An override of exactly `fields`, with the values of `policy`. */
export const overrideOf = (fields: Set<PolicyField>, policy: TokenPolicy): TokenPolicyOverride => ({
  mode: fields.has('mode') ? policy.mode : null,
  allocation_tokens: fields.has('allocation_tokens') ? policy.allocation_tokens : null,
  rollover_cap_tokens: fields.has('rollover_cap_tokens') ? policy.rollover_cap_tokens : null,
  enforcement: fields.has('enforcement') ? policy.enforcement : null,
  warning_thresholds_percent: fields.has('warning_thresholds_percent')
    ? policy.warning_thresholds_percent
    : null,
  reservation_lifetime_ms: fields.has('reservation_lifetime_ms') ? policy.reservation_lifetime_ms : null,
  in_flight_max: fields.has('in_flight_max') ? policy.in_flight_max : null,
});
