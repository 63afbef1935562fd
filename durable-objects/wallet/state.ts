import type { JournalEntry, WalletFigures, WalletIdentity } from '../../contracts/journal.ts';
import type { WalletPolicy } from '../../contracts/wallet-policy.ts';
import type { Standing } from './commands.ts';
import type { IdempotencyRecord } from './idempotency.ts';
import type { KeyRecord } from './key-limits.ts';
import { endOfPeriodMs } from './periods.ts';

/** Everything a wallet knows about itself apart from its reservations. Plain data: rules take one and give the next. */
export type WalletState = {
  identity: WalletIdentity;
  policy: WalletPolicy;
  /** Number of the newest entry; 0 when there is none. */
  seq: number;
  last_hash: string;
  /** Time of the newest change: wallet time never runs backwards, whatever the clock does (I10). */
  at_ms: number;
  /** The UTC month, YYYY-MM, that is open. */
  period: string;
  monthly: number;
  lifetime: number;
  /** Part of monthly and of lifetime that reservations hold. */
  held_monthly: number;
  held_lifetime: number;
  overage: number;
  granted: number;
  consumed: number;
  expired: number;
  in_flight: number;
  /** What the lifetime allocation has granted so far: a raise grants the difference, a cut takes nothing back. */
  allocated_lifetime: number;
  /** What this month's allocation has granted so far. */
  allocated_this_period: number;
  /** What tokens of last month, still held when it closed, may yet roll over. */
  rollover_left: number;
  /** What the warning thresholds are percent of: the month's allocation, or the balance as the last grant left it. */
  period_budget: number;
  /** Charged since the period began, overage included. */
  used_this_period: number;
  /** The highest threshold this period has announced: each is announced once. */
  announced_percent: number;
  /** What hard enforcement would have refused in this period. */
  would_refuse_executions: number;
  would_refuse_tokens: number;
  sessions_revoked_until_s: number;
  standing: Standing;
};

/** A hold on the balance for one execution. Leaves `held` once, for one of the three ends (I3). */
export type Reservation = {
  id: string;
  state: 'held' | 'settled' | 'released' | 'expired';
  /** What was asked for: the most the execution may be charged. */
  amount: number;
  /** What the balance holds for it; less than `amount` only in warn and monitor mode. */
  held_monthly: number;
  held_lifetime: number;
  /** The month whose tokens it holds. */
  period: string;
  reserved_at_ms: number;
  /** The key it was made with; null for a session's. */
  api_key_id: string | null;
  /** The Idempotency-Key it came with. */
  idempotency_key: string | null;
  expires_at_ms: number;
  /** Digest of the command that made it: tells a repetition from a mix-up. */
  fingerprint: string;
  /** Set by its end: what was charged, and the digest of the command that ended it. */
  settled: number;
  end_fingerprint: string | null;
  /** Warning thresholds that its settlement was the first to reach, in percent. Absent when there were none. */
  thresholds_crossed?: number[];
};

/** What a rule decided: the state after it, entries to append, the reservation as it now stands, the operation it was. */
export type Change = {
  state: WalletState;
  entries: JournalEntry[];
  reservation?: Reservation;
  /** The key's counts after it, when a key is behind it. */
  key?: KeyRecord;
  /** The Idempotency-Key that was claimed or answered. */
  idempotency?: IdempotencyRecord;
  /** An Idempotency-Key that is free again: its execution was not charged. */
  freed_key?: string;
  /** A credit or adjustment to remember, so that its repetition is recognized. */
  operation?: { id: string; fingerprint: string };
};

/** The actor of what the wallet does by itself. */
export const SYSTEM = { kind: 'system', id: null } as const;

/** Tokens held for executions that run. */
export const reservedOf = (state: WalletState): number => state.held_monthly + state.held_lifetime;

/** Tokens that can be spent now. */
export const availableOf = (state: WalletState): number => state.monthly + state.lifetime - reservedOf(state);

/** When the allocation is granted anew, in milliseconds since 1970; null when it never is. */
export const resetsAtMs = (state: WalletState): number | null =>
  state.policy.mode === 'monthly' ? endOfPeriodMs(state.period) : null;

/** What the wallet says of itself: the sums that its entries must add up to. */
export const figuresOf = (state: WalletState): WalletFigures => ({
  monthly: state.monthly,
  lifetime: state.lifetime,
  reserved: reservedOf(state),
  overage: state.overage,
  granted: state.granted,
  consumed: state.consumed,
  expired: state.expired,
  in_flight: state.in_flight,
});

/** What a hold could not cover of what was asked for. */
export const shortfallOf = ({ amount, held_monthly, held_lifetime }: Reservation): number =>
  amount - held_monthly - held_lifetime;
