import { MICRO_USD_MAX } from '../../contracts/amounts.ts';
import { PLATFORM_TENANT_ID } from '../../contracts/tenants/platform.ts';
import type { BudgetTerms } from '../../contracts/wallet/budget-terms.ts';
import { worstCaseCostMicroUsd } from '../providers/metering/pricing.ts';
import type { PlannedCandidate } from './plan.ts';

/**
 * The price at which the platform sells an execution to its tenant, in micro-USD: the provider's price with the tenant's markup on the
 * platform's keys, or a fee on the tenant's own. Pure.
 */

/** The terms that the platform has agreed with a tenant. */
export type WholesaleTerms = Pick<BudgetTerms, 'markup_basis_points' | 'own_key_fee_micro_usd'>;

/** A basis point is a hundredth of a percent. */
const BASIS_POINTS = 10_000n;

/** True if a call is paid with the tenant's own key. A provider without a key of its own is called with the platform's. */
const hasOwnKey = ({ provider }: Pick<PlannedCandidate, 'provider'>): boolean =>
  provider.api_key_ciphertext !== null && provider.tenant_id !== PLATFORM_TENANT_ID;

/** Returns the price of a call that costs the platform `cost_micro_usd`, rounded up. */
export function wholesaleOf(
  candidate: Pick<PlannedCandidate, 'provider'>,
  cost_micro_usd: number,
  { markup_basis_points, own_key_fee_micro_usd }: WholesaleTerms,
): number {
  if (hasOwnKey(candidate)) return own_key_fee_micro_usd;
  const parts = BigInt(cost_micro_usd) * (BASIS_POINTS + BigInt(markup_basis_points));
  return Math.min(MICRO_USD_MAX, Number((parts + BASIS_POINTS - 1n) / BASIS_POINTS));
}

/** Returns the highest price of a call with so much output, whichever of the candidates answers. */
export function wholesaleBound(
  candidates: readonly PlannedCandidate[],
  output_tokens: number,
  terms: WholesaleTerms,
): number {
  const bounds = candidates.map((candidate) => {
    const { held_input_tokens, input_classes, price } = candidate;
    const rates = price.micro_usd_per_million;
    const cost = worstCaseCostMicroUsd(held_input_tokens, output_tokens, rates, input_classes);
    return wholesaleOf(candidate, cost.ok ? cost.value : MICRO_USD_MAX, terms);
  });
  return Math.max(0, ...bounds);
}
