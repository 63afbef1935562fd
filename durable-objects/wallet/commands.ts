import type { Actor, ExecutionOutcome, ExecutionStart, WalletIdentity } from '../../contracts/journal.ts';
import type { WalletPolicy } from '../../contracts/wallet-policy.ts';

/**
 * What may be asked of a wallet, and what it answers. Answers are values, never exceptions: RPC drops an error's own
 * properties, and a refusal is an ordinary answer. Amounts are wallet tokens, times are milliseconds since the epoch.
 */

/** Every command names the wallet it means, so that a misrouted call is refused, and brings the caller's policy. */
type Addressed = { wallet: WalletIdentity; policy: WalletPolicy };

/** Holds `amount` for one execution. The reservation's id is the execution's id, and the idempotency key. */
export type ReserveCommand = Addressed & {
  amount: number;
  actor: Actor;
  /** `iat` of the caller's session in seconds: refused when the user was signed out after it. Null for API keys. */
  session_issued_at_s: number | null;
  execution: ExecutionStart;
};

/** Ends a reservation with what the execution really cost: takes at most what was held in hard mode. */
export type SettleCommand = { wallet: WalletIdentity; amount: number; outcome: ExecutionOutcome };

/** Ends a reservation that cost nothing. */
export type ReleaseCommand = { wallet: WalletIdentity; outcome: ExecutionOutcome };

/** Adds lifetime tokens. `operation_id` makes it idempotent. */
export type CreditCommand = Addressed & {
  operation_id: string;
  amount: number;
  actor: Actor;
  reason: string;
  reference: string | null;
};

/** Corrects the balance by hand, up or down. Never takes what is not there or what is held. */
export type AdjustCommand = CreditCommand;

/** Reads the wallet, opening it (and its allocation) when it is new. */
export type ReadCommand = Addressed & { session_issued_at_s: number | null };

/** The wallet at one moment: granted = available + reserved + consumed + expired. */
export type WalletView = {
  seq: number;
  available: number;
  reserved: number;
  monthly: number;
  lifetime: number;
  overage: number;
  granted: number;
  consumed: number;
  expired: number;
  in_flight: number;
  period: string;
  /** When the next monthly allocation opens; null in lifetime mode. */
  resets_at_ms: number | null;
  policy: WalletPolicy;
};

/** Why hard enforcement refused, in terms a person can act on. */
export type BalanceRefusal = {
  ok: false;
  code: 'insufficient_balance';
  scope: 'wallet';
  /** Everything ever granted in lifetime mode; this month's allocation and rollover plus lifetime tokens in monthly mode. */
  limit: number;
  used: number;
  reserved: number;
  available: number;
  required: number;
  resets_at_ms: number | null;
};

export type Refusal<Code extends string> = { ok: false; code: Code };
export type InFlightRefusal = Refusal<'too_many_in_flight'> & {
  in_flight_max: number;
  retry_after_ms: number;
};

export type ReserveAnswer =
  | { ok: true; reserved: number; expires_at_ms: number; warnings_percent: number[]; view: WalletView }
  | BalanceRefusal
  | InFlightRefusal
  | Refusal<
      | 'amount_out_of_range'
      | 'idempotency_mismatch'
      | 'session_revoked'
      | 'reservation_settled'
      | 'reservation_released'
      | 'reservation_expired'
      | 'wrong_wallet'
    >;

export type SettleAnswer =
  | { ok: true; settled: number; released: number; view: WalletView }
  | Refusal<
      | 'amount_out_of_range'
      | 'idempotency_mismatch'
      | 'reservation_not_found'
      | 'reservation_released'
      | 'reservation_expired'
      | 'wrong_wallet'
    >;

export type ReleaseAnswer =
  | { ok: true; released: number; view: WalletView }
  | Refusal<
      | 'idempotency_mismatch'
      | 'reservation_not_found'
      | 'reservation_settled'
      | 'reservation_expired'
      | 'wrong_wallet'
    >;

export type CreditAnswer =
  | { ok: true; seq: number; view: WalletView }
  | Refusal<'amount_out_of_range' | 'idempotency_mismatch' | 'wrong_wallet'>
  | BalanceRefusal;

export type ReadAnswer = { ok: true; view: WalletView } | Refusal<'session_revoked' | 'wrong_wallet'>;

export type ConfirmCommand = { wallet: WalletIdentity; first_seq: number; last_seq: number };
export type RevokeCommand = { wallet: WalletIdentity; issued_before_s: number };

/** The wallet's remote surface, as services see it. */
export interface WalletRpc {
  reserve(command: ReserveCommand): Promise<ReserveAnswer>;
  settle(command: SettleCommand): Promise<SettleAnswer>;
  release(command: ReleaseCommand): Promise<ReleaseAnswer>;
  credit(command: CreditCommand): Promise<CreditAnswer>;
  adjust(command: AdjustCommand): Promise<CreditAnswer>;
  read(command: ReadCommand): Promise<ReadAnswer>;
  /** Entries first_seq..last_seq are durable in Postgres: the wallet may stop sending them. Idempotent. */
  confirm(command: ConfirmCommand): Promise<void>;
  /** Sessions issued at or before this second no longer reserve or read. Never moves backwards. */
  revokeSessions(command: RevokeCommand): Promise<void>;
}
