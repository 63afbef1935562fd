import { describe, expect, it } from 'vitest';
import { WALLET_TOKENS_MAX } from '../../../contracts/amounts.ts';
import {
  adjustCommand,
  creditCommand,
  reserveCommand,
  settleCommand,
} from '../../../durable-objects/wallet/commands.ts';
import { bringUpToDate } from '../../../durable-objects/wallet/rules/allocation.ts';
import { availableOf } from '../../../durable-objects/wallet/rules/state.ts';
import { viewOf } from '../../../durable-objects/wallet/rules/view.ts';
import { executionId, HARD_LIFETIME, IDENTITY, outcomeOf, SimulatedWallet } from './simulated-wallet.ts';

const NOW_MS = Date.UTC(2026, 10, 20);
const DAY_MS = 86_400_000;
const lifetime = (changes = {}) => new SimulatedWallet({ ...HARD_LIFETIME, ...changes }, NOW_MS);
const monthly = (changes = {}) => lifetime({ mode: 'monthly', ...changes });

describe('a reservation', () => {
  it('holds its amount, and its settlement takes what was used and gives the rest back', () => {
    const wallet = lifetime();
    wallet.reserve(1, 300);
    expect(viewOf(wallet.state)).toMatchObject({ available: 700, reserved: 300, in_flight: 1 });
    wallet.end(1, 'debit', 120);
    expect(viewOf(wallet.state)).toMatchObject({ available: 880, reserved: 0, consumed: 120, in_flight: 0 });
  });

  it('is refused, with everything that explains it, when the balance cannot cover it', () => {
    const wallet = lifetime();
    wallet.reserve(1, 900);
    expect(wallet.reserve(2, 101).refusal).toEqual({
      ok: false,
      code: 'insufficient_balance',
      scope: 'wallet',
      limit: 1_000,
      used: 0,
      reserved: 900,
      available: 100,
      required: 101,
      resets_at_ms: null,
    });
    expect(wallet.reserve(3, 100).refusal).toBeUndefined();
  });

  it('writes down the policy that let it run, which is the newest the wallet knows', () => {
    const wallet = lifetime({ version: 7, enforcement: 'warn', allocation_tokens: 500 });
    const [start] = wallet.reserve(1, 300).entries.slice(-1);
    expect(start?.execution_start?.policy).toEqual({
      mode: 'lifetime',
      enforcement: 'warn',
      allocation_tokens: 500,
    });
    expect(start?.policy_version).toBe(7);
  });

  it('is one and the same when the same command comes again', () => {
    const wallet = lifetime();
    wallet.reserve(1, 300);
    const again = wallet.reserve(1, 300);
    expect(again).toMatchObject({ reservation: { amount: 300 }, entries: [] });
    expect(again.refusal).toBeUndefined();
    expect(viewOf(wallet.state).reserved).toBe(300);
  });

  it('is refused when its id comes with another amount', () => {
    const wallet = lifetime();
    wallet.reserve(1, 300);
    expect(wallet.reserve(1, 301).refusal).toEqual({ ok: false, code: 'idempotency_mismatch' });
  });

  it.each([
    ['debit', 'reservation_settled'],
    ['release', 'reservation_released'],
    ['expiry', 'reservation_expired'],
  ] as const)('that ended by %s answers another end, and another reserve, with %s', (kind, code) => {
    const wallet = lifetime();
    wallet.reserve(1, 300);
    wallet.end(1, kind, kind === 'debit' ? 10 : 0);
    const other = kind === 'debit' ? 'release' : 'debit';
    expect(wallet.end(1, other, 0).refusal).toEqual({ ok: false, code });
    expect(wallet.reserve(1, 300).refusal).toEqual({ ok: false, code });
  });

  it('settled twice with the same cost is settled once; with another cost it is refused', () => {
    const wallet = lifetime();
    wallet.reserve(1, 300);
    wallet.end(1, 'debit', 50);
    const again = wallet.end(1, 'debit', 50);
    expect(again.entries).toEqual([]);
    expect(again.refusal).toBeUndefined();
    expect(wallet.end(1, 'debit', 51).refusal).toEqual({ ok: false, code: 'idempotency_mismatch' });
    expect(viewOf(wallet.state).consumed).toBe(50);
  });

  it('that never was cannot be settled', () => {
    expect(lifetime().end(9, 'debit', 1).refusal).toEqual({ ok: false, code: 'reservation_not_found' });
  });

  it('cannot be settled for more than it reserved', () => {
    const wallet = lifetime();
    wallet.reserve(1, 300);
    expect(wallet.end(1, 'debit', 301).refusal).toEqual({ ok: false, code: 'amount_out_of_range' });
  });

  it('beyond the cap on executions in flight is refused until one ends', () => {
    const wallet = lifetime({ in_flight_max: 1 });
    wallet.reserve(1, 1);
    expect(wallet.reserve(2, 1).refusal).toMatchObject({ code: 'too_many_in_flight', in_flight_max: 1 });
    wallet.end(1, 'release', 0);
    expect(wallet.reserve(2, 1).refusal).toBeUndefined();
  });

  it('of a session signed out since is refused', () => {
    const wallet = lifetime();
    wallet.read();
    wallet.state = { ...wallet.state, sessions_revoked_until_s: 100 };
    expect(wallet.reserve(1, 1, 100).refusal).toEqual({ ok: false, code: 'session_revoked' });
    expect(wallet.reserve(1, 1, 101).refusal).toBeUndefined();
  });
});

describe('a settlement', () => {
  it('that comes again answers as it did first, with the thresholds it crossed', () => {
    const wallet = lifetime({ enforcement: 'warn', warning_thresholds_percent: [50, 80] });
    wallet.reserve(1, 900);
    expect(wallet.end(1, 'debit', 850).reservation?.thresholds_crossed).toEqual([50, 80]);
    const again = wallet.end(1, 'debit', 850);
    expect(again.entries).toEqual([]);
    expect(again.reservation?.thresholds_crossed).toEqual([50, 80]);
  });
});

describe('the lifetime allocation', () => {
  it('is granted once', () => {
    const wallet = lifetime();
    wallet.read();
    wallet.read();
    wallet.nowMs += 40 * DAY_MS;
    wallet.read();
    expect(viewOf(wallet.state)).toMatchObject({ available: 1_000, seq: 1 });
  });

  it('grants the difference when a newer policy raises it, and takes nothing back when one cuts it', () => {
    const wallet = lifetime();
    wallet.read();
    wallet.policy = { ...wallet.policy, version: 2, allocation_tokens: 1_500 };
    wallet.read();
    expect(availableOf(wallet.state)).toBe(1_500);
    wallet.policy = { ...wallet.policy, version: 3, allocation_tokens: 100 };
    wallet.read();
    expect(availableOf(wallet.state)).toBe(1_500);
  });

  it('does not follow a policy older than the newest one seen', () => {
    const wallet = lifetime({ version: 5 });
    wallet.read();
    wallet.policy = { ...wallet.policy, version: 4, allocation_tokens: 9_000, enforcement: 'monitor' };
    wallet.read();
    expect(viewOf(wallet.state)).toMatchObject({ available: 1_000, policy: { enforcement: 'hard' } });
  });
});

describe('the monthly allocation', () => {
  it('expires with its month beyond the rollover cap, and a new one opens, once', () => {
    const wallet = monthly({ rollover_cap_tokens: 250 });
    wallet.reserve(1, 400);
    wallet.end(1, 'debit', 400);
    wallet.nowMs = Date.UTC(2026, 11, 1);
    wallet.read();
    wallet.read();
    expect(viewOf(wallet.state)).toMatchObject({
      period: '2026-12',
      monthly: 1_250,
      expired: 350,
      consumed: 400,
    });
  });

  it('is spent before lifetime tokens', () => {
    const wallet = monthly();
    wallet.correct('credit', 500, 'bought');
    wallet.reserve(1, 1_200);
    wallet.end(1, 'debit', 1_100);
    expect(viewOf(wallet.state)).toMatchObject({ monthly: 0, lifetime: 400 });
  });

  it('held across the end of its month rolls over when released only as far as the cap still allows', () => {
    const wallet = monthly({ rollover_cap_tokens: 250, reservation_lifetime_ms: 3_600_000 });
    wallet.nowMs = Date.UTC(2026, 10, 30, 23, 59);
    wallet.reserve(1, 900);
    wallet.nowMs = Date.UTC(2026, 11, 1, 0, 1);
    wallet.end(1, 'debit', 100);
    // 100 were free and rolled over, 800 come back late: 150 more fit under the cap of 250, and 650 expire.
    expect(viewOf(wallet.state)).toMatchObject({ monthly: 1_250, expired: 650, consumed: 100, reserved: 0 });
  });

  it('raised in mid-month grants the difference now', () => {
    const wallet = monthly();
    wallet.read();
    wallet.policy = { ...wallet.policy, version: 2, allocation_tokens: 1_700 };
    wallet.read();
    expect(viewOf(wallet.state).monthly).toBe(1_700);
  });
});

describe.each(['warn', 'monitor'] as const)('with %s enforcement', (enforcement) => {
  it('what the balance cannot cover passes and is recorded as overage; the balance stays at zero', () => {
    const wallet = lifetime({ enforcement });
    expect(wallet.reserve(1, 1_500).refusal).toBeUndefined();
    wallet.end(1, 'debit', 1_400);
    expect(viewOf(wallet.state)).toMatchObject({ available: 0, consumed: 1_000, overage: 400 });
  });
});

describe('overage', () => {
  it('is only what the balance cannot cover when the cost is known', () => {
    const wallet = lifetime({ enforcement: 'warn' });
    wallet.reserve(1, 900);
    wallet.reserve(2, 500);
    wallet.end(1, 'debit', 100);
    wallet.end(2, 'debit', 500);
    expect(viewOf(wallet.state)).toMatchObject({ available: 400, consumed: 600, overage: 0 });
  });

  it('that would pass the largest amount is refused, and the reservation stays held', () => {
    const wallet = lifetime({ enforcement: 'monitor', allocation_tokens: 0 });
    wallet.reserve(1, WALLET_TOKENS_MAX);
    wallet.reserve(2, 1);
    wallet.end(1, 'debit', WALLET_TOKENS_MAX);
    expect(wallet.end(2, 'debit', 1).refusal).toEqual({ ok: false, code: 'amount_out_of_range' });
    expect(viewOf(wallet.state)).toMatchObject({ overage: WALLET_TOKENS_MAX, in_flight: 1 });
    expect(wallet.end(2, 'expiry', 0).refusal).toBeUndefined();
  });
});

describe("a wallet's time", () => {
  it('does not run back when the clock does', () => {
    const wallet = lifetime();
    wallet.read();
    const { entries } = bringUpToDate(
      wallet.state,
      { ...wallet.policy, version: 2, allocation_tokens: 2_000 },
      NOW_MS - DAY_MS,
    );
    expect(entries.map(({ at_ms }) => at_ms)).toEqual([NOW_MS]);
  });

  it('tells when a monthly allocation opens next, and nothing in lifetime mode', () => {
    expect(viewOf(monthly().state).resets_at).toBe('2026-12-01T00:00:00.000Z');
    expect(viewOf(lifetime().state).resets_at).toBeNull();
  });
});

describe('an adjustment', () => {
  it('never takes what is held', () => {
    const wallet = lifetime();
    wallet.reserve(1, 900);
    expect(wallet.correct('adjustment', -101, 'a').refusal).toMatchObject({
      code: 'insufficient_balance',
      available: 100,
    });
    expect(wallet.correct('adjustment', -100, 'b').refusal).toBeUndefined();
  });

  it('that would pass the largest amount is refused and changes nothing', () => {
    const wallet = lifetime();
    wallet.read();
    expect(wallet.correct('credit', WALLET_TOKENS_MAX, 'a').refusal).toEqual({
      ok: false,
      code: 'amount_out_of_range',
    });
    expect(availableOf(wallet.state)).toBe(1_000);
  });
});

describe('an amount', () => {
  const wallet = { wallet: IDENTITY, policy: HARD_LIFETIME };
  const actor = { kind: 'system', id: null };
  const outcome = outcomeOf(executionId(1), 'succeeded');
  const execution = {
    id: executionId(1),
    model: 'm',
    api_key_id: null,
    input_tokens_bound: 1,
    max_output_tokens: 1,
    price_version: 1,
    started_at_ms: 0,
  };
  const correction = { ...wallet, actor, operation_id: 'o', reason: 'r', reference: null };
  const commands = {
    reserve: (amount: unknown) =>
      reserveCommand.safeParse({ ...wallet, actor, amount, session_issued_at_s: null, key: null, execution }),
    settle: (amount: unknown) => settleCommand.safeParse({ wallet: IDENTITY, amount, outcome }),
    credit: (amount: unknown) => creditCommand.safeParse({ ...correction, amount }),
    adjust: (amount: unknown) => adjustCommand.safeParse({ ...correction, amount }),
  };
  const names = Object.keys(commands) as (keyof typeof commands)[];

  it.each(names)('of 7 is taken by %s', (name) => {
    expect(commands[name](7).success).toBe(true);
  });

  const senseless = [
    Number.NaN,
    Infinity,
    -Infinity,
    0.5,
    '7',
    '1e3',
    null,
    undefined,
    2 ** 50 + 1,
    -(2 ** 50) - 1,
    2 ** 53,
    {},
    [7],
    true,
  ];
  it.each(names.flatMap((name) => senseless.map((amount) => [amount, name] as const)))(
    'of %o is refused by %s',
    (amount, name) => {
      expect(commands[name](amount).success).toBe(false);
    },
  );

  it.each([
    ['reserve', 0],
    ['reserve', -1],
    ['credit', 0],
    ['credit', -1],
    ['adjust', 0],
    ['settle', -1],
  ] as const)('in %s may not be %i', (name, amount) => {
    expect(commands[name](amount).success).toBe(false);
  });
});
