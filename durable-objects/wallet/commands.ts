import { z } from 'zod';
import { positiveWalletTokens, signedWalletTokens, walletTokens } from '../../contracts/amounts.ts';
import { userStatus } from '../../contracts/api/auth.ts';
import { KEPT_ANSWER_MAX } from '../../contracts/api/executions.ts';
import type { Wallet } from '../../contracts/api/wallet.ts';
import {
  actor,
  executionOutcome,
  executionStart,
  type WalletFigures,
  walletFigures,
  walletIdentity,
} from '../../contracts/journal.ts';
import type { Checkpoint } from '../../contracts/reconciliation.ts';
import { walletPolicy } from '../../contracts/wallet-policy.ts';

/**
 * What may be asked of a wallet, and what it answers. Answers are values, never exceptions: RPC drops an error's own
 * properties, and a refusal is an ordinary answer. Commands are schemas because types do not hold across RPC. Amounts are
 * wallet tokens, times are milliseconds since the epoch.
 */

/** Every command names the wallet it means, so that a misrouted call is refused, and brings the caller's policy. */
const addressed = { wallet: walletIdentity, policy: walletPolicy };

/** `iat` of the caller's session in seconds: refused when the user was signed out since. Null when no session is behind it. */
const session_issued_at_s = z.int().min(0).nullable();

/**
 * What a key may spend of its user's wallet; null is no limit of that kind. Tokens are wallet tokens, minutes and months the
 * clock's in UTC. `version` is the time of the newest change in microseconds since the epoch: the newest limits hold.
 */
export const keyLimits = z.object({
  id: z.uuid(),
  version: z.int().min(0),
  requests_per_minute: z.int().min(1).nullable(),
  tokens_per_minute: positiveWalletTokens.nullable(),
  monthly_budget_tokens: walletTokens.nullable(),
});
export type KeyLimits = z.infer<typeof keyLimits>;

/** Holds `amount` for one execution. The reservation's id is the execution's id, and the idempotency key. */
export const reserveCommand = z
  .object({
    ...addressed,
    amount: positiveWalletTokens,
    actor,
    session_issued_at_s,
    /** The key behind the request, which the execution names as well; null when there is a session behind it. */
    key: keyLimits.nullable(),
    /** The caller's Idempotency-Key, and the digest of the request it stands for: one effect, however often it comes. */
    idempotency: z.object({ key: z.string().min(1).max(200), fingerprint: z.string().max(100) }).optional(),
    /** Wanted lifetime of the hold, for work in the background; the later of this and the policy's deadline holds. */
    lifetime_ms: z.int().min(1_000).max(3_600_000).optional(),
    execution: executionStart,
  })
  .refine(({ key, execution }) => (key?.id ?? null) === execution.api_key_id, { path: ['key'] });
export type ReserveCommand = z.infer<typeof reserveCommand>;

/** Ends a reservation with what the execution really cost: takes at most what was reserved. */
export const settleCommand = z.object({
  wallet: walletIdentity,
  amount: walletTokens,
  outcome: executionOutcome,
  /** What a repetition with the same Idempotency-Key is answered; absent when it is too large to keep, or there is no key. */
  answer: z.string().max(KEPT_ANSWER_MAX).optional(),
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

/** Entries first_seq..last_seq. */
const entryRange = { first_seq: z.int().min(1), last_seq: z.int().min(1) };

/** These entries are durable in Postgres: the wallet may stop sending them. */
export const confirmCommand = z.object({ wallet: walletIdentity, ...entryRange });
export type ConfirmCommand = z.infer<typeof confirmCommand>;

/** Gives a running execution more time: its deadline moves to a whole reservation lifetime from now. */
export const extendCommand = z.object({ wallet: walletIdentity, execution_id: z.uuid() });
export type ExtendCommand = z.infer<typeof extendCommand>;

/** Sessions issued at or before this second no longer reserve or read. */
export const revokeSessionsCommand = z.object({ wallet: walletIdentity, issued_before_s: z.int().min(0) });
export type RevokeSessionsCommand = z.infer<typeof revokeSessionsCommand>;

/** A key's limits from now on, unless the wallet has heard of newer ones. */
export const setKeyLimitsCommand = z.object({ wallet: walletIdentity, limits: keyLimits });
export type SetKeyLimitsCommand = z.infer<typeof setKeyLimitsCommand>;

/** This key no longer reserves, and what it began gets no more time. */
export const revokeKeyCommand = z.object({ wallet: walletIdentity, api_key_id: z.uuid() });
export type RevokeKeyCommand = z.infer<typeof revokeKeyCommand>;

/** What the execution answered is kept for its Idempotency-Key no longer, nor will it be. */
export const forgetAnswerCommand = z.object({ wallet: walletIdentity, execution_id: z.uuid() });
export type ForgetAnswerCommand = z.infer<typeof forgetAnswerCommand>;

/** The wallet's policy from now on, unless it has heard of a newer one. */
export const adoptPolicyCommand = z.object(addressed);
export type AdoptPolicyCommand = z.infer<typeof adoptPolicyCommand>;

/** Whether the user may spend at all. `version` is the change's time in microseconds since the epoch: the newest one holds. */
export const standing = z.object({ status: userStatus, version: z.int().min(0) });
export type Standing = z.infer<typeof standing>;
/** Tells a wallet whether its user may spend at all. */
export const setStandingCommand = z.object({ wallet: walletIdentity, ...standing.shape });
export type SetStandingCommand = z.infer<typeof setStandingCommand>;

/** Asks for what reconciliation compares. */
export const auditCommand = z.object({ wallet: walletIdentity });
export type AuditCommand = z.infer<typeof auditCommand>;

/** Sends entries again that Postgres turned out to lack, confirmed or not. */
export const resendCommand = z.object({ wallet: walletIdentity, ...entryRange });
export type ResendCommand = z.infer<typeof resendCommand>;

/**
 * Bridges a proven difference between the wallet and the sum of its entries with one more entry. `ledger` is that sum, up to
 * and with the wallet's newest entry.
 */
export const compensateCommand = z.object({
  ...correction,
  ledger: z.object({ seq: z.int().min(0), figures: walletFigures }),
});
export type CompensateCommand = z.infer<typeof compensateCommand>;

/** The wallet as it knows itself, for comparison with its ledger. */
export type WalletAudit = {
  seq: number;
  last_hash: string;
  figures: WalletFigures;
  policy_version: number;
  standing: Standing;
  sessions_revoked_until_s: number;
  /** Summed from the reservations themselves. */
  held: { reservations: number; monthly: number; lifetime: number };
  unconfirmed: { count: number; oldest_at_ms: number | null };
  /** The oldest entry that can still be sent again; null when none can. */
  first_kept_seq: number | null;
};

/** Why hard enforcement refused, in terms a person can act on. */
export type BalanceRefusal = {
  ok: false;
  code: 'insufficient_balance';
  /** Whose limit it is: the wallet's, what its key may spend in a month, or at most in one minute. */
  scope: 'wallet' | 'api_key_month' | 'api_key_minute';
  /** Of the wallet: everything it was ever granted and has not expired. */
  limit: number;
  used: number;
  reserved: number;
  available: number;
  required: number;
  resets_at_ms: number | null;
};

export type Refusal<Code extends string> = { ok: false; code: Code };

/** Why a key's own limits refused. A rate limit heals with the minute. */
export type KeyRefusal =
  | BalanceRefusal
  | (Refusal<'rate_limited'> & {
      scope: 'api_key';
      limit: 'requests_per_minute' | 'tokens_per_minute';
      limit_max: number;
      retry_after_ms: number;
    });

/** Refusals any command may meet: it does not parse, or it is meant for another wallet. */
export type CommandRefusal = Refusal<'amount_out_of_range' | 'invalid_command' | 'wrong_wallet'>;

/** What an Idempotency-Key that is known stands for. */
export type Repeated =
  | Refusal<'idempotency_mismatch'>
  | (Refusal<'already_running'> & { execution_id: string })
  | (Refusal<'already_done'> & { execution_id: string; answer: string | null; available: number });

export type ReserveAnswer =
  | { ok: true; reserved: number; shortfall: number; expires_at_ms: number; view: Wallet }
  | KeyRefusal
  | Repeated
  | (Refusal<'too_many_in_flight'> & { in_flight_max: number })
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

/** How a reservation ended. A release settles nothing. */
export type EndAnswer =
  | { ok: true; settled: number; released: number; thresholds_crossed: number[]; view: Wallet }
  | EndRefusal;

export type CorrectionAnswer =
  | { ok: true; seq: number; view: Wallet }
  | BalanceRefusal
  | Refusal<'idempotency_mismatch'>
  | CommandRefusal;

export type ReadAnswer =
  | { ok: true; view: Wallet }
  | Refusal<'session_revoked' | 'user_disabled'>
  | CommandRefusal;

export type ExtendAnswer =
  | { ok: true; expires_at_ms: number }
  | Exclude<EndRefusal, { code: 'idempotency_mismatch' }>
  | Refusal<'user_disabled' | 'api_key_revoked'>;

export type ToldAnswer = { ok: true } | CommandRefusal;

/** `audit` is null when nobody has used the wallet yet. */
export type AuditAnswer = { ok: true; audit: WalletAudit | null } | CommandRefusal;

export type ResendAnswer = { ok: true; resent: number } | CommandRefusal;

export type CompensateAnswer =
  | {
      ok: true;
      seq: number;
      view: Wallet;
      /** The wallet as the entry left it; null when it was written by an earlier order, and the wallet has moved on since. */
      bridged: Checkpoint | null;
    }
  | Refusal<'ledger_outdated' | 'nothing_to_repair' | 'idempotency_mismatch'>
  | CommandRefusal;

/** The wallet's remote surface, as services see it. */
export interface WalletRpc {
  reserve(command: ReserveCommand): Promise<ReserveAnswer>;
  settle(command: SettleCommand): Promise<EndAnswer>;
  release(command: ReleaseCommand): Promise<EndAnswer>;
  credit(command: CreditCommand): Promise<CorrectionAnswer>;
  adjust(command: AdjustCommand): Promise<CorrectionAnswer>;
  read(command: ReadCommand): Promise<ReadAnswer>;
  extend(command: ExtendCommand): Promise<ExtendAnswer>;
  confirm(command: ConfirmCommand): Promise<ToldAnswer>;
  adoptPolicy(command: AdoptPolicyCommand): Promise<ToldAnswer>;
  setStanding(command: SetStandingCommand): Promise<ToldAnswer>;
  revokeSessions(command: RevokeSessionsCommand): Promise<ToldAnswer>;
  setKeyLimits(command: SetKeyLimitsCommand): Promise<ToldAnswer>;
  revokeKey(command: RevokeKeyCommand): Promise<ToldAnswer>;
  forgetAnswer(command: ForgetAnswerCommand): Promise<ToldAnswer>;
  audit(command: AuditCommand): Promise<AuditAnswer>;
  resend(command: ResendCommand): Promise<ResendAnswer>;
  compensate(command: CompensateCommand): Promise<CompensateAnswer>;
  /** Answers, and writes nothing: for health checks. */
  ping(): Promise<'pong'>;
}
