import { WALLET_TOKENS_MAX } from '../../../contracts/amounts.ts';
import type { JournalEntry } from '../../../contracts/wallet/journal.ts';
import { hashEntry } from '../../../journal/hash.ts';
import { availableOf, type Change, journaledHoldsOf, reservedOf, type WalletState } from './state.ts';

/** Changes of the wallet's figures by an operation. An absent figure does not change. */
export type Movement = {
  monthly?: number;
  lifetime?: number;
  held_monthly?: number;
  held_lifetime?: number;
  /** The part of the held tokens that has no entry. */
  raised?: number;
  overage?: number;
  granted?: number;
  consumed?: number;
  expired?: number;
  in_flight?: number;
};

/** The fields of an entry other than its figures. */
export type EntryDetails = Pick<JournalEntry, 'kind' | 'operation_id' | 'amount' | 'actor'> &
  Partial<
    Pick<
      JournalEntry,
      'reason' | 'reference' | 'execution_start' | 'execution_outcome' | 'shortfall' | 'thresholds_crossed'
    >
  >;

/** The changes that an entry records. */
export type Deltas = Pick<JournalEntry, 'monthly_delta' | 'lifetime_delta' | 'reserved_delta' | 'overage'>;

const movableFigures = [
  'monthly',
  'lifetime',
  'held_monthly',
  'held_lifetime',
  'overage',
  'granted',
  'consumed',
  'expired',
  'in_flight',
] as const;

/** True when every figure stays between 0 and 2^50 after the movement. */
export const staysInRange = (state: WalletState, movement: Movement): boolean =>
  movableFigures.every((figure) => {
    const after = state[figure] + (movement[figure] ?? 0);
    return Number.isSafeInteger(after) && after >= 0 && after <= WALLET_TOKENS_MAX;
  });

/** Throws when the balance equation does not hold or more is held than there is. That is a bug, and nothing is written. */
function assertInvariants(state: WalletState): void {
  const available = availableOf(state);
  const balanced = state.granted === available + reservedOf(state) + state.consumed + state.expired;
  const covered = state.held_monthly <= state.monthly && state.held_lifetime <= state.lifetime;
  if (!balanced || !covered || available < 0)
    throw new Error(`Wallet invariant broken: ${JSON.stringify(state)}`);
}

/** Appends the entry that leads to `next`, linked to the previous one by its hash. */
export function append(
  { state, entries }: Change,
  next: WalletState,
  deltas: Deltas,
  details: EntryDetails,
  nowMs: number,
): Change {
  assertInvariants(next);
  const seq = state.seq + 1;
  const at_ms = Math.max(state.at_ms, nowMs);
  const unhashed = {
    reason: null,
    reference: null,
    execution_start: null,
    execution_outcome: null,
    ...details,
    ...deltas,
    seq,
    monthly_after: next.monthly,
    lifetime_after: next.lifetime,
    reserved_after: journaledHoldsOf(next),
    overage_after: next.overage,
    period: next.period,
    policy_version: next.policy.version,
    at_ms,
    prev_hash: state.last_hash,
  };
  const hash = hashEntry(state.identity, unhashed);
  return {
    state: { ...next, seq, at_ms, last_hash: hash },
    entries: [...entries, { ...unhashed, hash }],
  };
}

/** The same number, without the sign of a zero: JSON does not keep it, and entries are compared with what was stored. */
const unsignedZero = (value: number): number => (value === 0 ? 0 : value);

/** Changes the figures and appends the entry that records it. All operations change figures through this function. */
export function post(change: Change, movement: Movement, details: EntryDetails, nowMs: number): Change {
  const { state } = change;
  if (!staysInRange(state, movement))
    throw new Error(`Wallet figure out of range: ${JSON.stringify({ state, movement })}`);
  const next: WalletState = { ...state };
  for (const figure of movableFigures) next[figure] += movement[figure] ?? 0;
  const raised = movement.raised ?? 0;
  if (raised !== 0) next.raised = (state.raised ?? 0) + raised;
  const held = (movement.held_monthly ?? 0) + (movement.held_lifetime ?? 0);
  const deltas: Deltas = {
    monthly_delta: unsignedZero(movement.monthly ?? 0),
    lifetime_delta: unsignedZero(movement.lifetime ?? 0),
    reserved_delta: unsignedZero(held - raised),
    overage: movement.overage ?? 0,
  };
  return append(change, next, deltas, details, nowMs);
}
