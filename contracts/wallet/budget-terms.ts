import { z } from 'zod';
import { microUsd } from '../amounts.ts';
import { walletPolicy } from './wallet-policy.ts';

/** A tenant's budget, as an execution needs it. Amounts are micro-USD. */
export const budgetTerms = z.object({
  /** The policy of the tenant's wallet. */
  policy: walletPolicy,
  /** The platform's markup on the provider's price, in hundredths of a percent. */
  markup_basis_points: z.int().min(0),
  /** The fee for an execution on the tenant's own provider keys. */
  own_key_fee_micro_usd: microUsd,
});
export type BudgetTerms = z.infer<typeof budgetTerms>;

/** The hold of an execution on its tenant's budget, in micro-USD. */
export const wholesaleHold = z.object({ held: microUsd, terms: budgetTerms });
export type WholesaleHold = z.infer<typeof wholesaleHold>;
