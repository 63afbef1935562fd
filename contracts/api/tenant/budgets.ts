import { z } from 'zod';
import { epochMs, microUsd, signedMicroUsd } from '../../amounts.ts';
import { resourceId } from '../../resource-id.ts';
import { actor, journalKind } from '../../wallet/journal.ts';
import { enforcementMode } from '../../wallet/wallet-policy.ts';
import { creditRequest } from '../wallet.ts';
import { tokenPolicy } from './policies.ts';

/** The budget of a tenant: what its users may spend on the platform's provider keys, in micro-USD at the platform's wholesale price. */

/** The kind of a budget. */
const budgetMode = z
  .enum(['prepaid', 'monthly'])
  .describe(
    'The kind of budget: `prepaid`: a balance that is topped up; `monthly`: a limit for each month, in UTC.',
  )
  .meta({ id: 'BudgetMode' });

/** The highest markup: a hundred times the provider's price. */
const MARKUP_MAX_BASIS_POINTS = 1_000_000;

/** The terms that the platform sets for a tenant. */
const budgetTerms = {
  enforcement: enforcementMode.describe(
    'The rule for executions the budget cannot cover: `hard`: refused; `warn`: allowed, with a warning; `monitor`: allowed and counted.',
  ),
  warning_thresholds_percent: tokenPolicy.shape.warning_thresholds_percent.describe(
    'Percentages of the budget at which to warn, in ascending order.',
  ),
  markup_basis_points: z
    .int()
    .min(0)
    .max(MARKUP_MAX_BASIS_POINTS)
    .describe("The platform's markup on the provider's price, in hundredths of a percent.")
    .meta({ examples: [2_000] }),
  own_key_fee_micro_usd: microUsd.describe(
    "The fee for an execution on the tenant's own provider keys, in micro-USD.",
  ),
};

/** A budget as superadmins read it. */
export const tenantBudget = z
  .object({
    mode: budgetMode,
    ...budgetTerms,
    limit_micro_usd: microUsd
      .nullable()
      .describe('The limit of each month, in micro-USD. Null for a prepaid budget.'),
    balance_micro_usd: microUsd.describe(
      'The part of the budget that is not spent yet, leased amounts included, in micro-USD.',
    ),
    leased_micro_usd: microUsd.describe(
      "The amounts that users' wallets have leased and not spent yet, in micro-USD.",
    ),
    spent_micro_usd: microUsd.describe(
      'The amount spent, in micro-USD: in this month for a monthly budget, in all for a prepaid one.',
    ),
    available_micro_usd: microUsd.describe('The amount that can still be leased, in micro-USD.'),
    overage_micro_usd: microUsd.describe(
      'The amount spent beyond the budget with `warn` or `monitor`, in micro-USD.',
    ),
    resets_at: z.iso
      .datetime()
      .nullable()
      .describe('The start of the next month. Null for a prepaid budget.'),
    warning_percent: z
      .int()
      .nullable()
      .describe('The highest warning threshold reached, in percent. Null if none is reached.'),
    seq: z.int().min(0).describe('The number of the newest ledger entry. 0 if there is none.'),
  })
  .meta({ id: 'TenantBudget' });
export type TenantBudget = z.infer<typeof tenantBudget>;

/** A budget as the tenant's admins read it. */
export const ownBudget = tenantBudget.omit({ markup_basis_points: true }).meta({ id: 'OwnBudget' });
export type OwnBudget = z.infer<typeof ownBudget>;

const common = {
  enforcement: budgetTerms.enforcement,
  warning_thresholds_percent: budgetTerms.warning_thresholds_percent.optional(),
  markup_basis_points: budgetTerms.markup_basis_points.optional(),
  own_key_fee_micro_usd: budgetTerms.own_key_fee_micro_usd.optional(),
  reason: creditRequest.shape.reason.optional().describe('The reason. It is kept in the ledger.'),
};

/** A new budget. Terms that are left out keep their value. */
export const setTenantBudget = z
  .discriminatedUnion('mode', [
    z.strictObject({
      mode: z.literal('prepaid').describe('A balance that is topped up.'),
      ...common,
      balance_micro_usd: microUsd
        .optional()
        .describe(
          'The balance afterwards, leased amounts included, in micro-USD. Left out, the balance stays as it is.',
        ),
    }),
    z.strictObject({
      mode: z.literal('monthly').describe('A limit for each month, in UTC.'),
      ...common,
      limit_micro_usd: microUsd.describe('The limit of each month, in micro-USD.'),
    }),
  ])
  .meta({ id: 'SetTenantBudgetRequest' });
export type SetTenantBudget = z.infer<typeof setTenantBudget>;

/** Adds to a prepaid balance, with the reason. */
export const budgetCreditRequest = z
  .strictObject({
    amount_micro_usd: microUsd.min(1).describe('The amount to add, in micro-USD.'),
    reason: creditRequest.shape.reason,
    reference: creditRequest.shape.reference,
  })
  .meta({ id: 'CreateBudgetCreditRequest' });
export type BudgetCredit = z.infer<typeof budgetCreditRequest>;

/** The new ledger entry and the budget after it. */
export const budgetCreditResponse = z
  .object({
    seq: z.int().min(1).describe('The number of the new ledger entry.'),
    budget: tenantBudget.describe('The budget after the credit.'),
  })
  .meta({ id: 'BudgetCredit' });

/** One entry of a tenant's ledger, as stored in Postgres. */
export const tenantLedgerItem = z
  .object({
    seq: z
      .int()
      .min(1)
      .describe("The number of the entry in the tenant's ledger. Starts at 1, without gaps."),
    kind: journalKind.describe(
      'The kind of entry: `allocation`: the limit of a month; `credit`: paid in; `reserve`: leased to the wallet of a user; `debit`: the end of a lease, which charges what was spent; `release`: the end of a lease of which nothing was spent; `expiry`: a lease given back at its deadline; `adjustment`: the budget was set; `rollover`: expired at the end of the month.',
    ),
    amount_micro_usd: signedMicroUsd.describe('The amount, in micro-USD. Only adjustments can be negative.'),
    balance_delta_micro_usd: signedMicroUsd.describe('The change of the balance, in micro-USD.'),
    leased_delta_micro_usd: signedMicroUsd.describe('The change of what is leased, in micro-USD.'),
    overage_micro_usd: microUsd.describe('The part the budget did not cover, in micro-USD.'),
    shortfall_micro_usd: microUsd
      .nullable()
      .describe(
        'For `reserve`: the amount that was missing, in micro-USD. With `hard` enforcement the execution would have been refused.',
      ),
    thresholds_crossed: z
      .array(z.int())
      .describe('The warning thresholds, in percent, that this entry was the first to reach.'),
    balance_after_micro_usd: microUsd.describe(
      'The balance afterwards, leased amounts included, in micro-USD.',
    ),
    leased_after_micro_usd: microUsd.describe('The leased amounts afterwards, in micro-USD.'),
    operation_id: z
      .string()
      .describe('The operation that caused the entry: the id of a lease, or an Idempotency-Key.'),
    user_id: resourceId.nullable().describe('For `reserve`: the id of the user whose wallet leases.'),
    actor: actor.describe('The user or system that caused the entry.'),
    reason: z.string().nullable().describe('The reason given for the operation.'),
    reference: z.string().nullable().describe('A related invoice, ticket or payment.'),
    hash: z.string().describe('The SHA-256 of this entry and the one before it, in hex.'),
    at: z.iso.datetime().describe('The time of the entry.'),
    at_ms: epochMs.describe('The same time in milliseconds since 1970, as it was hashed.'),
  })
  .meta({ id: 'TenantLedgerEntry' });
export type TenantLedgerItem = z.infer<typeof tenantLedgerItem>;
