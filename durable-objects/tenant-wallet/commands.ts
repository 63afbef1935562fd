import { z } from 'zod';
import { microUsd } from '../../contracts/amounts.ts';
import { actor, walletIdentity } from '../../contracts/wallet/journal.ts';
import { leaseEnd } from '../../contracts/wallet/lease.ts';
import { walletPolicy } from '../../contracts/wallet/wallet-policy.ts';
import type {
  Acknowledgement,
  BalanceRefusal,
  CommandRefusal,
  CorrectionAnswer,
  CreditCommand,
  Refusal,
  WalletMaintenanceRpc,
} from '../wallet/commands.ts';

/**
 * The tenant wallet's commands and answers. Amounts are micro-USD. A tenant's wallet is a wallet whose `user_id` is the tenant's id: it
 * has the same rules, journal and proofs as a user's, and its reservations are leases.
 */

/** The policy of a budget: `allocation_tokens` is the limit of a month in micro-USD, or 0 for a prepaid one. */
const addressed = { wallet: walletIdentity, policy: walletPolicy };

/** Ends that the wallet has not been told of; a repetition has no further effect. */
const ends = z.array(leaseEnd).max(10_000);
export type LeaseEnds = z.infer<typeof ends>;

/**
 * Opens the lease `lease_id` of a user's wallet, or raises it, to `amount` or less, at least to `least`. Both are totals, so a
 * repetition adds nothing.
 */
export const leaseCommand = z
  .object({
    ...addressed,
    lease_id: z.uuid(),
    /** The user whose wallet leases. */
    user_id: z.uuid(),
    least: microUsd,
    amount: microUsd,
    /** Earlier leases of the user's wallet that have ended. */
    ends,
  })
  .refine(({ least, amount }) => least <= amount, { path: ['least'] });
export type LeaseCommand = z.infer<typeof leaseCommand>;

/** Ends leases of a user's wallet. */
export const endLeasesCommand = z.object({ wallet: walletIdentity, ends });
export type EndLeasesCommand = z.infer<typeof endLeasesCommand>;

/** Adopts a budget and sets what is left of it, in one entry: the prepaid balance, or the limit of this month without what was spent. */
export const setBudgetCommand = z.object({
  ...addressed,
  operation_id: z.string().min(1).max(200),
  /**
   * The prepaid balance afterwards, leased amounts included. Null leaves it as it is, and for a monthly budget, whose limit is the
   * policy's allocation.
   */
  balance: microUsd.nullable(),
  actor,
  reason: z.string().min(1).max(500),
});
export type SetBudgetCommand = z.infer<typeof setBudgetCommand>;

/** Reads the budget. `asks_wallets`: also asks the wallets that have leased what they have spent since. */
export const readBudgetCommand = z.object({ ...addressed, asks_wallets: z.boolean() });
export type ReadBudgetCommand = z.infer<typeof readBudgetCommand>;

/** Allows or refuses leases. The highest version applies. Refusing recalls all leases, so that no further execution begins. */
export const setTenantStandingCommand = z.object({
  wallet: walletIdentity,
  status: z.enum(['active', 'suspended']),
  version: z.int().min(0),
});
export type SetTenantStandingCommand = z.infer<typeof setTenantStandingCommand>;

/** The figures of a budget, in micro-USD. */
export type BudgetView = {
  /** The number of the newest entry. */
  seq: number;
  /** Not spent yet, leased amounts included. */
  balance: number;
  leased: number;
  available: number;
  /** Spent in this month, and in all. */
  spent_this_period: number;
  spent: number;
  overage: number;
  resets_at_ms: number | null;
  /** The highest warning threshold reached, in percent; 0 if none. */
  warning_percent: number;
  open_leases: number;
};

export type LeaseAnswer =
  /** `free`: micro-USD that are left to lease; null if the budget is not hard. */
  | { ok: true; amount: number; ends_at_ms: number; free: number | null }
  | BalanceRefusal
  | Refusal<'tenant_suspended'>
  | Refusal<'lease_ended'>
  | CommandRefusal;

export type SetBudgetAnswer =
  | { ok: true; seq: number; budget: BudgetView }
  | (Refusal<'budget_below_leased'> & { leased: number })
  | Refusal<'idempotency_mismatch' | 'amount_out_of_range' | 'budget_changed'>
  | CommandRefusal;

export type ReadBudgetAnswer = { ok: true; budget: BudgetView } | CommandRefusal;

/** The tenant wallet's RPC methods, beside those of every wallet. */
export interface TenantWalletRpc extends WalletMaintenanceRpc {
  lease(command: LeaseCommand): Promise<LeaseAnswer>;
  endLeases(command: EndLeasesCommand): Promise<Acknowledgement>;
  setBudget(command: SetBudgetCommand): Promise<SetBudgetAnswer>;
  /** Adds to a prepaid balance. */
  credit(command: CreditCommand): Promise<CorrectionAnswer>;
  readBudget(command: ReadBudgetCommand): Promise<ReadBudgetAnswer>;
  setTenantStanding(command: SetTenantStandingCommand): Promise<Acknowledgement>;
}
