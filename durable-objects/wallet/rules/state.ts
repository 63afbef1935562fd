import type { JournalEntry, WalletFigures, WalletIdentity } from '../../../contracts/wallet/journal.ts';
import type { LeaseEnd } from '../../../contracts/wallet/lease.ts';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import type { VersionedUserStatus } from '../commands.ts';
import type { IdempotencyRecord } from './idempotency.ts';
import type { KeyRecord } from './key-limits.ts';
import { endOfPeriodMs } from './periods.ts';

/** A wallet's state, apart from its reservations. Plain data: rules take one and return the next. Stored as JSON, so names are permanent. */
export type WalletState = {
  identity: WalletIdentity;
  policy: WalletPolicy;
  /** Number of the newest entry; 0 when there is none. */
  seq: number;
  last_hash: string;
  /** Time of the newest change. Wallet time never runs backwards, even if the clock does (I10). */
  at_ms: number;
  /** The open UTC month, as YYYY-MM. */
  period: string;
  monthly: number;
  lifetime: number;
  /** Parts of `monthly` and `lifetime` that reservations hold. */
  held_monthly: number;
  held_lifetime: number;
  /** The part of the held tokens that holds were raised by since they were made. Entries do not count it. Absent in older states. */
  raised?: number;
  overage: number;
  granted: number;
  consumed: number;
  expired: number;
  in_flight: number;
  /** Tokens granted by the lifetime allocation so far. A raise grants the difference, a cut takes nothing back. */
  allocated_lifetime: number;
  /** Tokens granted by this month's allocation so far. */
  allocated_this_period: number;
  /** Tokens of last month, held when it closed, that may still roll over. */
  rollover_left: number;
  /** The base of the warning thresholds: the month's allocation, or the balance after the last grant. */
  period_budget: number;
  /** Tokens charged in this period, overage included. */
  used_this_period: number;
  /** The highest threshold announced in this period. Each is announced once. */
  announced_percent: number;
  /** Executions and tokens that hard enforcement would have refused in this period. */
  would_refuse_executions: number;
  would_refuse_tokens: number;
  sessions_revoked_until_s: number;
  standing: VersionedUserStatus;
  /** The part of the tenant's budget that it may spend. Absent without one. */
  lease?: Lease;
  /** Ended leases of which the tenant's wallet may not know yet. Absent without any. */
  lease_ends?: LeaseEnd[];
};

/** The block of the tenant's budget that a wallet may spend. Stored as JSON, so names are permanent. */
export type Lease = {
  id: string;
  /** The amount that the tenant's wallet has reserved for it. */
  amount: number;
  spent: number;
  /** Held by running executions. */
  held: number;
  /** The month in which it was opened, as YYYY-MM. */
  period: string;
  /** After this time no execution begins on it. */
  ends_at_ms: number;
  /** True if the tenant's wallet must be asked before another execution begins. */
  frozen?: boolean;
};

/** A hold on the balance for one execution. Its state changes once, from `held` to one of the three ends (I3). */
export type Reservation = {
  id: string;
  state: 'held' | 'settled' | 'released' | 'expired';
  /** The most that the execution may be charged. */
  amount: number;
  /** Tokens held for it by bucket; less than `amount` only in warn and monitor mode. */
  held_monthly: number;
  held_lifetime: number;
  /** The part of the held tokens that was added after the reserve, without an entry. */
  raised?: number;
  /** The part of the lease that it holds, in micro-USD. Absent where no budget applies. */
  wholesale?: number;
  /** For a lease in a tenant's wallet: the user whose wallet leases. Absent for an execution. */
  user_id?: string;
  /** The month of the monthly tokens it holds, as YYYY-MM. */
  period: string;
  reserved_at_ms: number;
  /** The API key of the request; null for a session. */
  api_key_id: string | null;
  /** The Idempotency-Key of the request; null without one. */
  idempotency_key: string | null;
  expires_at_ms: number;
  /** Digest of the reserve command, to recognize its repetition. */
  fingerprint: string;
  /** Set at its end: the charge, and the digest of the command that ended it. */
  settled: number;
  end_fingerprint: string | null;
  /** Warning thresholds, in percent, that its settlement was the first to reach. Absent when there are none. */
  thresholds_crossed?: number[];
};

/** The result of a rule: the next state and the rows to write. */
export type Change = {
  state: WalletState;
  entries: JournalEntry[];
  reservation?: Reservation;
  /** The record of the API key, when the request had one. */
  key?: KeyRecord;
  /** The Idempotency-Key that was claimed or completed. */
  idempotency?: IdempotencyRecord;
  /** An Idempotency-Key to delete, since its execution was not charged. */
  freed_key?: string;
  /** A credit or adjustment to store, so that its repetition is recognized. */
  operation?: { id: string; fingerprint: string };
};

/** The actor of entries that the wallet makes itself. */
export const SYSTEM = { kind: 'system', id: null } as const;

/** Tokens held for running executions. */
export const reservedOf = (state: WalletState): number => state.held_monthly + state.held_lifetime;

/** Held tokens as entries count them: without what holds were raised by. */
export const journaledHoldsOf = (state: WalletState): number => reservedOf(state) - (state.raised ?? 0);

/** Tokens that can be spent now. */
export const availableOf = (state: WalletState): number => state.monthly + state.lifetime - reservedOf(state);

/** Time of the next monthly allocation, in milliseconds since the epoch; null in lifetime mode. */
export const resetsAtMs = (state: WalletState): number | null =>
  state.policy.mode === 'monthly' ? endOfPeriodMs(state.period) : null;

/** The wallet's figures, which must equal the sum of its entries. */
export const figuresOf = (state: WalletState): WalletFigures => ({
  monthly: state.monthly,
  lifetime: state.lifetime,
  reserved: journaledHoldsOf(state),
  overage: state.overage,
  granted: state.granted,
  consumed: state.consumed,
  expired: state.expired,
  in_flight: state.in_flight,
});

/** The part of `amount` that is not held, in tokens. */
export const shortfallOf = ({ amount, held_monthly, held_lifetime }: Reservation): number =>
  amount - held_monthly - held_lifetime;
