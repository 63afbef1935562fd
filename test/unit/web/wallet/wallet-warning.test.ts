import { describe, expect, it } from 'vitest';
import type { WalletView } from '../../../../contracts/api/wallet.ts';
import { warningOf as warningIn } from '../../../../web/src/features/wallet/wallet-warning.ts';

const monthly: WalletView = {
  available: 170,
  reserved: 0,
  monthly: 170,
  lifetime: 0,
  overage: 0,
  granted: 1_000,
  consumed: 830,
  expired: 0,
  in_flight: 0,
  used_this_period: 830,
  warning: { threshold_percent: 80, used_percent: 83 },
  would_refuse: { executions: 0, tokens: 0 },
  seq: 9,
  period: '2026-11',
  resets_at: '2026-12-01T12:00:00.000Z',
  policy: {
    mode: 'monthly',
    allocation_tokens: 1_000,
    rollover_cap_tokens: 0,
    enforcement: 'warn',
    warning_thresholds_percent: [80, 95],
    reservation_lifetime_ms: 120_000,
    in_flight_max: 10,
  },
};
const lifetime: WalletView = {
  ...monthly,
  period: 'lifetime',
  resets_at: null,
  policy: { ...monthly.policy, mode: 'lifetime' },
};
const atThreshold = (wallet: WalletView, threshold_percent: number, used_percent: number): WalletView => ({
  ...wallet,
  warning: { threshold_percent, used_percent },
});

const currency = { currency_name: 'credits', currency_name_singular: 'credit' };
const warningOf = (wallet: WalletView) => warningIn(wallet, currency);

describe('A warning', () => {
  it('is not given below every threshold', () => {
    expect(warningOf({ ...monthly, warning: null })).toBeNull();
  });

  it('says how much of the month is used, and when the next ones come', () => {
    const warning = warningOf(monthly);
    expect(warning?.title).toBe("You have used 83 % of this month's credits.");
    expect(warning?.advice).toBe('They renew on December 1.');
  });

  it('promises no renewal where there is none', () => {
    expect(warningOf(lifetime)).toMatchObject({
      title: 'You have used 83 % of your credits.',
      advice: 'They do not renew.',
    });
  });

  it('says what going on means once everything is used', () => {
    const spent = atThreshold({ ...monthly, available: 0 }, 95, 130);
    expect(warningOf(spent)).toMatchObject({
      title: "You have used all of this month's credits.",
      advice: 'They renew on December 1. Runs until then are recorded as overage.',
    });
  });

  it('is the same news as use grows, and new at the next threshold or in the next month', () => {
    const key = warningOf(monthly)?.key;
    expect(warningOf(atThreshold(monthly, 80, 94))?.key).toBe(key);
    expect(warningOf(atThreshold(monthly, 95, 95))?.key).not.toBe(key);
    expect(warningOf({ ...monthly, period: '2026-12' })?.key).not.toBe(key);
  });

  it('is new after an amount was added to a lifetime wallet, and not to a monthly one', () => {
    expect(warningOf({ ...lifetime, granted: 2_000 })?.key).not.toBe(warningOf(lifetime)?.key);
    expect(warningOf({ ...monthly, granted: 2_000 })?.key).toBe(warningOf(monthly)?.key);
  });
});
