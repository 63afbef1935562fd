import { z } from 'zod';
import { microUsd, positiveWalletTokens, signedWalletTokens, walletTokens } from '../../contracts/amounts.ts';
import { userStatus } from '../../contracts/api/account/auth.ts';
import { KEPT_ANSWER_MAX } from '../../contracts/api/executions.ts';
import type { WalletView } from '../../contracts/api/wallet.ts';
import { endedSession } from '../../contracts/wallet/ended-session.ts';
import {
  actor,
  executionOutcome,
  executionStart,
  type WalletFigures,
  walletFigures,
  walletIdentity,
} from '../../contracts/wallet/journal.ts';
import { type KeyWindow, keyLimits } from '../../contracts/wallet/key-limits.ts';
import type { LeaseEnd } from '../../contracts/wallet/lease.ts';
import type { Checkpoint } from '../../contracts/wallet/reconciliation.ts';
import { walletPolicy } from '../../contracts/wallet/wallet-policy.ts';

/**
 * The wallet's commands and answers. A refusal is a value, never an exception, since RPC drops the properties of an error.
 * Commands are schemas, since types are not checked across RPC. Amounts are wallet tokens, times are milliseconds since
 * the epoch.
 */

/** The wallet a command is for, so that a misrouted call is refused, and the policy its caller knows. */
const addressed = { wallet: walletIdentity, policy: walletPolicy };

/** `iat` of the caller's session in seconds; refused when the user has signed out since. Null for a call without a session. */
const session_issued_at_s = z.int().min(0).nullable();

/** The id of the caller's session; refused when that session was ended. Null for a call without one. */
const session_id = z.uuid().nullable().default(null);

/** Holds `amount` for one execution. The execution's id identifies the reservation: a repetition has no further effect. */
export const reserveCommand = z
  .object({
    ...addressed,
    amount: positiveWalletTokens,
    actor,
    session_issued_at_s,
    session_id,
    /** Limits of the API key of the request, the one that `execution` names; null for a request with a session. */
    key: keyLimits.nullable(),
    /** The caller's Idempotency-Key and the digest of the request: repeated requests have one effect. */
    idempotency: z.object({ key: z.string().min(1).max(200), fingerprint: z.string().max(100) }).optional(),
    /** The most that the execution can cost the tenant, in micro-USD, and the tenant's budget. Absent where no budget applies. */
    wholesale: z.object({ amount: microUsd, policy: walletPolicy }).optional(),
    /** Lifetime of the hold for a background execution. The longer of this and the policy's lifetime applies. */
    lifetime_ms: z.int().min(1_000).max(3_600_000).optional(),
    execution: executionStart,
  })
  .refine(({ key, execution }) => (key?.id ?? null) === execution.api_key_id, { path: ['key'] });
export type ReserveCommand = z.input<typeof reserveCommand>;

/** Ends a reservation and charges `amount`, at most the reserved amount. */
export const settleCommand = z.object({
  wallet: walletIdentity,
  amount: walletTokens,
  outcome: executionOutcome,
  /** The answer to repetitions with the same Idempotency-Key; absent when it is too large to keep, or there is no key. */
  answer: z.string().max(KEPT_ANSWER_MAX).optional(),
});
export type SettleCommand = z.infer<typeof settleCommand>;

/** Ends a reservation without a charge. */
export const releaseCommand = z.object({ wallet: walletIdentity, outcome: executionOutcome });
export type ReleaseCommand = z.infer<typeof releaseCommand>;

const correction = {
  ...addressed,
  /** Identifies the operation: a repetition has no further effect. */
  operation_id: z.string().min(1).max(200),
  actor,
  reason: z.string().min(1).max(500),
  reference: z.string().max(200).nullable(),
};

/** Adds lifetime tokens, bought or granted by an administrator. */
export const creditCommand = z.object({ ...correction, amount: positiveWalletTokens });
export type CreditCommand = z.infer<typeof creditCommand>;

/** Corrects the balance by a signed amount. Takes at most the available tokens, never held ones. */
export const adjustCommand = z.object({ ...correction, amount: signedWalletTokens });
export type AdjustCommand = z.infer<typeof adjustCommand>;

/** Reads the wallet. Opens a new one and grants its allocation. */
export const readCommand = z.object({ ...addressed, session_issued_at_s, session_id });
export type ReadCommand = z.input<typeof readCommand>;

/** The entries first_seq to last_seq, both included. */
const entryRange = { first_seq: z.int().min(1), last_seq: z.int().min(1) };

/** Confirms that Postgres has stored these entries, so that the wallet stops sending them. */
export const confirmCommand = z.object({ wallet: walletIdentity, ...entryRange });
export type ConfirmCommand = z.infer<typeof confirmCommand>;

/**
 * Extends the deadline of a running execution to one reservation lifetime from now. With `amount` it also raises the hold towards that
 * many tokens, as far as balance and key allow; the answer has the amount reached. With `lowers_from` it lowers a hold of that amount to
 * `amount`. A repetition changes nothing, and neither does a lowering that arrives after a later raise.
 */
export const extendCommand = z.object({
  wallet: walletIdentity,
  execution_id: z.uuid(),
  amount: positiveWalletTokens.optional(),
  /** The most that the execution can then cost the tenant, in micro-USD. Without it the raise must not cost the tenant more. */
  wholesale: z.object({ amount: microUsd, policy: walletPolicy }).optional(),
  lowers_from: positiveWalletTokens.optional(),
});
export type ExtendCommand = z.infer<typeof extendCommand>;

/** Refuses sessions issued at or before this second from now on. */
export const revokeSessionsCommand = z.object({ wallet: walletIdentity, issued_before_s: z.int().min(0) });
export type RevokeSessionsCommand = z.infer<typeof revokeSessionsCommand>;

/** Refuses one session from now on. */
export const endSessionCommand = z.object({ wallet: walletIdentity, session: endedSession });
export type EndSessionCommand = z.infer<typeof endSessionCommand>;

/** Sets the limits of an API key, unless the wallet knows newer ones. */
export const setKeyLimitsCommand = z.object({ wallet: walletIdentity, limits: keyLimits });
export type SetKeyLimitsCommand = z.infer<typeof setKeyLimitsCommand>;

/** Revokes an API key: it can no longer reserve, and its running executions are not extended. */
export const revokeKeyCommand = z.object({ wallet: walletIdentity, api_key_id: z.uuid() });
export type RevokeKeyCommand = z.infer<typeof revokeKeyCommand>;

/** Deletes the kept answer of an execution's Idempotency-Key, and keeps none that comes later. */
export const forgetAnswerCommand = z.object({ wallet: walletIdentity, execution_id: z.uuid() });
export type ForgetAnswerCommand = z.infer<typeof forgetAnswerCommand>;

/** Sets the wallet's policy, unless the wallet knows a newer one. */
export const adoptPolicyCommand = z.object(addressed);
export type AdoptPolicyCommand = z.infer<typeof adoptPolicyCommand>;

/** The user's status, with the time of its change in microseconds since the epoch: the highest version applies. */
export const versionedUserStatus = z.object({ status: userStatus, version: z.int().min(0) });
export type VersionedUserStatus = z.infer<typeof versionedUserStatus>;
/** Sets the status of the wallet's user, unless the wallet knows a newer one. */
export const setStandingCommand = z.object({ wallet: walletIdentity, ...versionedUserStatus.shape });
export type SetStandingCommand = z.infer<typeof setStandingCommand>;

/**
 * Asks a user's wallet for what it does not need of a lease. `reports`: only tells what was spent. `freezes`: no execution begins until
 * the tenant's wallet has been asked again.
 */
export const recallCommand = z.object({
  wallet: walletIdentity,
  lease_id: z.uuid(),
  mode: z.enum(['reports', 'returns', 'freezes']),
});
export type RecallCommand = z.infer<typeof recallCommand>;

/** Reads the figures that reconciliation compares with the ledger. */
export const auditCommand = z.object({ wallet: walletIdentity });
export type AuditCommand = z.infer<typeof auditCommand>;

/** Sends entries that Postgres lacks again, whether confirmed or not. */
export const resendCommand = z.object({ wallet: walletIdentity, ...entryRange });
export type ResendCommand = z.infer<typeof resendCommand>;

/**
 * Compensates for a difference between the wallet and the sum of its entries with one more entry. `ledger` is that sum, up to
 * and including the wallet's newest entry.
 */
export const compensateCommand = z.object({
  ...correction,
  ledger: z.object({ seq: z.int().min(0), figures: walletFigures }),
});
export type CompensateCommand = z.infer<typeof compensateCommand>;

/** The wallet's own figures, for comparison with its ledger. */
export type WalletAudit = {
  seq: number;
  last_hash: string;
  figures: WalletFigures;
  policy_version: number;
  standing: VersionedUserStatus;
  sessions_revoked_until_s: number;
  /** Summed from the reservations. */
  held: { reservations: number; monthly: number; lifetime: number; raised?: number };
  unconfirmed: { count: number; oldest_at_ms: number | null };
  /** The oldest entry that is still stored and can be sent again; null when there is none. */
  first_kept_seq: number | null;
};

/** A refusal by a spending limit, with the figures that explain it. */
export type BalanceRefusal = {
  ok: false;
  code: 'insufficient_balance';
  /** The limit: the wallet's balance, or the API key's tokens per month or per minute. */
  scope: 'wallet' | 'api_key_month' | 'api_key_minute';
  /** For the wallet: all tokens ever granted, minus the expired ones. */
  limit: number;
  used: number;
  reserved: number;
  available: number;
  required: number;
  resets_at_ms: number | null;
};

export type Refusal<Code extends string> = { ok: false; code: Code };

/** A refusal by the limits of an API key. A rate limit ends with the minute. */
export type KeyRefusal =
  | BalanceRefusal
  | (Refusal<'rate_limited'> & {
      scope: 'api_key';
      limit: 'requests_per_minute' | 'tokens_per_minute';
      limit_max: number;
      retry_after_ms: number;
    });

/** The refusals of every command: it does not parse, or it names another wallet. */
export type CommandRefusal = Refusal<'amount_out_of_range' | 'invalid_command' | 'wrong_wallet'>;

/** The refusal of a reserve whose Idempotency-Key is already in use. */
export type IdempotencyRefusal =
  | Refusal<'idempotency_mismatch'>
  | (Refusal<'already_running'> & { execution_id: string })
  | (Refusal<'already_done'> & { execution_id: string; answer: string | null; available: number });

/**
 * A refusal by the tenant's budget. Users are not told its figures. `covered`: micro-USD that the execution could hold; `covered_alone`:
 * the same if nothing else ran.
 */
export type TenantRefusal = Refusal<'tenant_suspended' | 'tenant_unreachable'> | TenantBudgetRefusal;
export type TenantBudgetRefusal = Refusal<'tenant_budget'> & { covered: number; covered_alone: number };

/** `busy`: a request for credit is under way, ask again. `spent`: of the lease so far. `ends`: leases that have ended. */
export type RecallAnswer = { ok: true; busy: boolean; spent: number; ends: LeaseEnd[] } | CommandRefusal;

export type ReserveAnswer =
  | {
      ok: true;
      reserved: number;
      shortfall: number;
      expires_at_ms: number;
      view: WalletView;
      /** Null for a request with a session, and for a repetition. */
      key_window: KeyWindow | null;
      /** Micro-USD that the hold can grow by, if the tenant's wallet was asked and its budget is hard; else null. */
      tenant_left: number | null;
    }
  | KeyRefusal
  | IdempotencyRefusal
  | (Refusal<'too_many_in_flight'> & { in_flight_max: number })
  | TenantRefusal
  | Refusal<
      | 'idempotency_mismatch'
      | 'session_revoked'
      | 'user_disabled'
      | 'api_key_revoked'
      | 'reservation_settled'
      | 'reservation_released'
      | 'reservation_expired'
    >
  | CommandRefusal;

/** The refusal to end a reservation that has ended or does not exist. */
export type EndRefusal =
  | Refusal<
      | 'idempotency_mismatch'
      | 'reservation_not_found'
      | 'reservation_settled'
      | 'reservation_released'
      | 'reservation_expired'
    >
  | CommandRefusal;

/** The result of ending a reservation. `settled` is 0 for a release. */
export type EndAnswer =
  | { ok: true; settled: number; released: number; thresholds_crossed: number[]; view: WalletView }
  | EndRefusal;

export type CorrectionAnswer =
  | { ok: true; seq: number; view: WalletView }
  | BalanceRefusal
  | Refusal<'idempotency_mismatch'>
  | CommandRefusal;

export type ReadAnswer =
  | { ok: true; view: WalletView }
  | Refusal<'session_revoked' | 'user_disabled'>
  | CommandRefusal;

export type ExtendAnswer =
  /** `wholesale`: what is held of the tenant's budget, in micro-USD. */
  | { ok: true; expires_at_ms: number; reserved: number; wholesale: number }
  | Exclude<EndRefusal, { code: 'idempotency_mismatch' }>
  | Refusal<'user_disabled' | 'api_key_revoked'>;

/** The answer of commands that only change what the wallet knows. */
export type Acknowledgement = { ok: true } | CommandRefusal;

/** `audit` is null when the wallet has no state yet. */
export type AuditAnswer = { ok: true; audit: WalletAudit | null } | CommandRefusal;

export type ResendAnswer = { ok: true; resent: number } | CommandRefusal;

export type CompensateAnswer =
  | {
      ok: true;
      seq: number;
      view: WalletView;
      /** The wallet after the entry; null when an earlier call wrote it and the wallet has changed since. */
      bridged: Checkpoint | null;
    }
  | Refusal<'ledger_outdated' | 'nothing_to_repair' | 'idempotency_mismatch'>
  | CommandRefusal;

/** The RPC methods that journal, projection and repair need, of users' and tenants' wallets alike. */
export interface WalletMaintenanceRpc {
  confirm(command: ConfirmCommand): Promise<Acknowledgement>;
  audit(command: AuditCommand): Promise<AuditAnswer>;
  resend(command: ResendCommand): Promise<ResendAnswer>;
  compensate(command: CompensateCommand): Promise<CompensateAnswer>;
}

/** The wallet's RPC methods. */
export interface WalletRpc extends WalletMaintenanceRpc {
  reserve(command: ReserveCommand): Promise<ReserveAnswer>;
  settle(command: SettleCommand): Promise<EndAnswer>;
  release(command: ReleaseCommand): Promise<EndAnswer>;
  credit(command: CreditCommand): Promise<CorrectionAnswer>;
  adjust(command: AdjustCommand): Promise<CorrectionAnswer>;
  read(command: ReadCommand): Promise<ReadAnswer>;
  extend(command: ExtendCommand): Promise<ExtendAnswer>;
  adoptPolicy(command: AdoptPolicyCommand): Promise<Acknowledgement>;
  setStanding(command: SetStandingCommand): Promise<Acknowledgement>;
  revokeSessions(command: RevokeSessionsCommand): Promise<Acknowledgement>;
  endSession(command: EndSessionCommand): Promise<Acknowledgement>;
  setKeyLimits(command: SetKeyLimitsCommand): Promise<Acknowledgement>;
  revokeKey(command: RevokeKeyCommand): Promise<Acknowledgement>;
  forgetAnswer(command: ForgetAnswerCommand): Promise<Acknowledgement>;
  recall(command: RecallCommand): Promise<RecallAnswer>;
  /** Answers without writing, for health checks. */
  ping(): Promise<'pong'>;
}
