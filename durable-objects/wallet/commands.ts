import { z } from 'zod';
import { positiveWalletTokens, signedWalletTokens, walletTokens } from '../../contracts/amounts.ts';
import { actor, executionOutcome, executionStart, walletIdentity } from '../../contracts/journal.ts';
import { type WalletPolicy, walletPolicy } from '../../contracts/wallet-policy.ts';

/**
 * What may be asked of a wallet, and what it answers. Answers are values, never exceptions: RPC drops an error's own
 * properties, and a refusal is an ordinary answer. Commands are schemas because types do not hold across RPC. Amounts are
 * wallet tokens, times are milliseconds since the epoch.
 */

/** Every command names the wallet it means, so that a misrouted call is refused, and brings the caller's policy. */
const addressed = { wallet: walletIdentity, policy: walletPolicy };

/** `iat` of the caller's session in seconds: refused when the user was signed out since. Null when no session is behind it. */
const session_issued_at_s = z.int().min(0).nullable();

/** Holds `amount` for one execution. The reservation's id is the execution's id, and the idempotency key. */
export const reserveCommand = z.object({
  ...addressed,
  amount: positiveWalletTokens,
  actor,
  session_issued_at_s,
  execution: executionStart,
});
export type ReserveCommand = z.infer<typeof reserveCommand>;

/** Ends a reservation with what the execution really cost: takes at most what was reserved. */
export const settleCommand = z.object({
  wallet: walletIdentity,
  amount: walletTokens,
  outcome: executionOutcome,
});
export type SettleCommand = z.infer<typeof settleCommand>;

/** Ends a reservation that cost nothing. */
export const releaseCommand = z.object({ wallet: walletIdentity, outcome: executionOutcome });
export type ReleaseCommand = z.infer<typeof releaseCommand>;

const correction = {
  ...addressed,
  /** The same id does the same thing once. */
  operation_id: z.string().min(1).max(200),
  actor,
  reason: z.string().min(1).max(500),
  reference: z.string().max(200).nullable(),
};

/** Adds lifetime tokens: bought, or given by hand. */
export const creditCommand = z.object({ ...correction, amount: positiveWalletTokens });
export type CreditCommand = z.infer<typeof creditCommand>;

/** Corrects the balance by hand, up or down. Never takes what is not there or what is held. */
export const adjustCommand = z.object({ ...correction, amount: signedWalletTokens });
export type AdjustCommand = z.infer<typeof adjustCommand>;

/** Reads the wallet, opening it (and its allocation) when it is new. */
export const readCommand = z.object({ ...addressed, session_issued_at_s });
export type ReadCommand = z.infer<typeof readCommand>;

/** Entries first_seq..last_seq are durable in Postgres: the wallet may stop sending them. */
export const confirmCommand = z.object({
  wallet: walletIdentity,
  first_seq: z.int().min(1),
  last_seq: z.int().min(1),
});
export type ConfirmCommand = z.infer<typeof confirmCommand>;

/** Sessions issued at or before this second no longer reserve or read. */
export const revokeCommand = z.object({ wallet: walletIdentity, issued_before_s: z.int().min(0) });
export type RevokeCommand = z.infer<typeof revokeCommand>;

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
  /** Everything the wallet was ever granted and has not expired. */
  limit: number;
  used: number;
  reserved: number;
  available: number;
  required: number;
  resets_at_ms: number | null;
};

export type Refusal<Code extends string> = { ok: false; code: Code };

/** Refusals any command may meet: it does not parse, or it is meant for another wallet. */
export type CommandRefusal = Refusal<'amount_out_of_range' | 'invalid_command' | 'wrong_wallet'>;

export type ReserveAnswer =
  | { ok: true; reserved: number; expires_at_ms: number; view: WalletView }
  | BalanceRefusal
  | (Refusal<'too_many_in_flight'> & { in_flight_max: number })
  | Refusal<
      | 'idempotency_mismatch'
      | 'session_revoked'
      | 'reservation_settled'
      | 'reservation_released'
      | 'reservation_expired'
    >
  | CommandRefusal;

/** What ending a reservation twice, or one that never was, is answered. */
export type EndRefusal =
  | Refusal<
      | 'idempotency_mismatch'
      | 'reservation_not_found'
      | 'reservation_settled'
      | 'reservation_released'
      | 'reservation_expired'
    >
  | CommandRefusal;

export type SettleAnswer = { ok: true; settled: number; released: number; view: WalletView } | EndRefusal;

export type ReleaseAnswer = { ok: true; released: number; view: WalletView } | EndRefusal;

export type CorrectionAnswer =
  | { ok: true; seq: number; view: WalletView }
  | BalanceRefusal
  | Refusal<'idempotency_mismatch'>
  | CommandRefusal;

export type ReadAnswer = { ok: true; view: WalletView } | Refusal<'session_revoked'> | CommandRefusal;

/** The wallet's remote surface, as services see it. */
export interface WalletRpc {
  reserve(command: ReserveCommand): Promise<ReserveAnswer>;
  settle(command: SettleCommand): Promise<SettleAnswer>;
  release(command: ReleaseCommand): Promise<ReleaseAnswer>;
  credit(command: CreditCommand): Promise<CorrectionAnswer>;
  adjust(command: AdjustCommand): Promise<CorrectionAnswer>;
  read(command: ReadCommand): Promise<ReadAnswer>;
  confirm(command: ConfirmCommand): Promise<void>;
  revokeSessions(command: RevokeCommand): Promise<void>;
  /** Answers, and writes nothing: for health checks. */
  ping(): Promise<'pong'>;
}
