import { post } from './entries.ts';
import { type KeyRecord, recordLowering, recordRaise, roomOf } from './key-limits.ts';
import { type Change, type Reservation, SYSTEM, type WalletState } from './state.ts';

/** The wallet with a raised hold. */
type Raise = { state: WalletState; reservation: Reservation; key?: KeyRecord };

/**
 * Raises a hold towards `amount` tokens, as far as the free tokens and the limits of its API key allow; warn and monitor mode allow more
 * than the free tokens, as they do when it is made. Pure. A raise has no entry: the journal counts what was held at
 * first and what was charged at the end. After the end of the month that a hold began in, it is raised from lifetime tokens alone, since
 * what is left of its monthly ones expires.
 */
export function raise(
  state: WalletState,
  hold: Reservation,
  key: KeyRecord | undefined,
  amount: number,
  nowMs: number,
): Raise {
  const isInMonth = hold.period === state.period;
  const freeMonthly = isInMonth ? state.monthly - state.held_monthly : 0;
  const freeLifetime = state.lifetime - state.held_lifetime;
  const free = freeMonthly + freeLifetime;
  const allowed = state.policy.enforcement === 'hard' ? free : Number.POSITIVE_INFINITY;
  const room = key === undefined ? Number.POSITIVE_INFINITY : roomOf(key, nowMs);
  const more = Math.min(amount - hold.amount, allowed, room);
  if (more <= 0) return { state, reservation: hold };
  const held = Math.min(more, free);
  const fromMonthly = Math.min(held, freeMonthly);
  const fromLifetime = held - fromMonthly;
  return {
    state: {
      ...state,
      held_monthly: state.held_monthly + fromMonthly,
      held_lifetime: state.held_lifetime + fromLifetime,
      raised: (state.raised ?? 0) + held,
    },
    reservation: {
      ...hold,
      amount: hold.amount + more,
      held_monthly: hold.held_monthly + fromMonthly,
      held_lifetime: hold.held_lifetime + fromLifetime,
      raised: (hold.raised ?? 0) + held,
    },
    ...(key === undefined ? {} : { key: recordRaise(key, more, nowMs) }),
  };
}

/**
 * Lowers a hold to `amount` tokens, lifetime tokens first, since monthly ones are spent first. Pure. What was held at first is in the
 * journal, so what is freed of it has an entry: others may spend it. After the end of the month that a hold began in, its monthly tokens
 * stay held: whether they expire is decided at its end.
 */
export function lower(
  change: Change,
  hold: Reservation,
  key: KeyRecord | undefined,
  amount: number,
  nowMs: number,
): Change {
  const { held_monthly, held_lifetime, raised = 0 } = hold;
  const unused = Math.max(0, held_monthly + held_lifetime - amount);
  const fromLifetime = Math.min(unused, held_lifetime);
  const fromMonthly = hold.period === change.state.period ? unused - fromLifetime : 0;
  const ofRaise = Math.min(raised, fromLifetime + fromMonthly);
  const movement = { held_monthly: -fromMonthly, held_lifetime: -fromLifetime, raised: -ofRaise };
  const details = {
    kind: 'adjustment',
    operation_id: hold.id,
    amount: 0,
    actor: SYSTEM,
    reason: 'The provider stated less input than was held',
    reference: hold.id,
  } as const;
  return {
    ...post(change, movement, details, nowMs),
    reservation: {
      ...hold,
      amount,
      held_monthly: held_monthly - fromMonthly,
      held_lifetime: held_lifetime - fromLifetime,
      ...(raised === 0 ? {} : { raised: raised - ofRaise }),
    },
    ...(key === undefined ? {} : { key: recordLowering(key, hold, amount, nowMs) }),
  };
}
