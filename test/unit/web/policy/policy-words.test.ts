import { describe, expect, it } from 'vitest';
import type { TokenPolicy, TokenPolicyOverride } from '../../../../contracts/api/tenant/policies.ts';
import { effectivePolicyOn, overrideOf, ownFields } from '../../../../web/src/features/policy/override.ts';
import { readDraft, readPercents } from '../../../../web/src/features/policy/policy-draft.ts';
import {
  changedFields,
  isDecisive,
  rolloutSentence,
  wordsOf,
} from '../../../../web/src/features/policy/policy-words.ts';

const policy: TokenPolicy = {
  mode: 'monthly',
  allocation_tokens: 50_000,
  rollover_cap_tokens: 0,
  enforcement: 'hard',
  warning_thresholds_percent: [80, 95],
  reservation_lifetime_ms: 120_000,
  in_flight_max: 1_000,
};
const inherits: TokenPolicyOverride = {
  mode: null,
  allocation_tokens: null,
  rollover_cap_tokens: null,
  enforcement: null,
  warning_thresholds_percent: null,
  reservation_lifetime_ms: null,
  in_flight_max: null,
};

const currency = { currency_name: 'credits', currency_name_singular: 'credit' };

describe('A policy in words', () => {
  it('says each field as people would', () => {
    expect(wordsOf('allocation_tokens', policy, currency)).toBe('50,000 credits');
    expect(wordsOf('rollover_cap_tokens', policy, currency)).toBe('None');
    expect(wordsOf('rollover_cap_tokens', { ...policy, rollover_cap_tokens: 250 }, currency)).toBe(
      'Up to 250 credits',
    );
    expect(wordsOf('rollover_cap_tokens', { ...policy, mode: 'lifetime' }, currency)).toBe('Nothing expires');
    expect(wordsOf('warning_thresholds_percent', policy, currency)).toBe('At 80 % and 95 %');
    expect(
      wordsOf('warning_thresholds_percent', { ...policy, warning_thresholds_percent: [] }, currency),
    ).toBe('None');
  });

  it('says a time in the unit that gives it a whole number', () => {
    expect(wordsOf('reservation_lifetime_ms', policy, currency)).toBe('2 minutes');
    expect(wordsOf('reservation_lifetime_ms', { ...policy, reservation_lifetime_ms: 90_000 }, currency)).toBe(
      '90 seconds',
    );
  });

  it('says how far a change has come', () => {
    expect(rolloutSentence({ told: 0, on_the_way: 0 })).toBe('It applies from now on.');
    expect(rolloutSentence({ told: 1, on_the_way: 0 })).toBe('1 wallet updated.');
    expect(rolloutSentence({ told: 100, on_the_way: 1_204 })).toBe('100 wallets updated, 1,204 pending.');
  });
});

describe('A change of a policy', () => {
  it('names the fields that differ, in reading order', () => {
    expect(changedFields(policy, policy)).toEqual([]);
    const after = {
      ...policy,
      in_flight_max: 1,
      mode: 'lifetime' as const,
      warning_thresholds_percent: [80],
    };
    expect(changedFields(policy, after)).toEqual(['mode', 'warning_thresholds_percent', 'in_flight_max']);
  });

  it('wants a second look when it decides how much people can spend', () => {
    for (const field of ['mode', 'allocation_tokens', 'enforcement'] as const)
      expect(isDecisive([field]), field).toBe(true);
    expect(isDecisive(['warning_thresholds_percent', 'in_flight_max'])).toBe(false);
  });
});

describe('A policy that is being edited', () => {
  it('is read when it makes sense', () => {
    expect(readDraft(policy)).toEqual({ ok: true, value: policy });
  });

  it('says what is wrong, by field', () => {
    const read = readDraft({ ...policy, allocation_tokens: '', reservation_lifetime_ms: 5_000 });
    expect(read).toEqual({
      ok: false,
      errors: {
        allocation_tokens: 'Enter a whole number, 0 or more',
        reservation_lifetime_ms: 'From 10 seconds to 60 minutes',
      },
    });
  });

  it('takes percents as people type them: ascending, each once, nothing that is none', () => {
    expect(readPercents(['95 %', '80%', '80', '50, 60', '0', '101', '7.5', '-5', 'abc'])).toEqual([
      50, 60, 80, 95,
    ]);
  });
});

describe("A user's own values", () => {
  it('are laid over those of the level, a zero and an empty list included', () => {
    const override = { ...inherits, allocation_tokens: 0, warning_thresholds_percent: [] };
    expect(effectivePolicyOn(policy, override)).toEqual({
      ...policy,
      allocation_tokens: 0,
      warning_thresholds_percent: [],
    });
    expect(ownFields(override)).toEqual(['allocation_tokens', 'warning_thresholds_percent']);
  });

  it('are exactly the fields that were chosen', () => {
    expect(overrideOf(new Set(), policy)).toEqual(inherits);
    expect(overrideOf(new Set(['enforcement'] as const), policy)).toEqual({
      ...inherits,
      enforcement: 'hard',
    });
  });
});
