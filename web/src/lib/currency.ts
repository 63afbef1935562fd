import type { PublicTenant } from '../../../contracts/api/tenant/tenant.ts';
import { formatTokens } from './format.ts';
import { useTenant } from './tenant-context.tsx';

/** Amounts of wallet tokens, by the name that the tenant gave them. "Tokens" alone are those that models count. */

/** The name of wallet tokens: for several, and for one. */
export type Currency = Pick<PublicTenant, 'currency_name' | 'currency_name_singular'>;

/** The name that fits a number, such as `credit` for 1. Pure. */
export const currencyFor = ({ currency_name, currency_name_singular }: Currency, amount: number): string =>
  Math.abs(amount) === 1 ? currency_name_singular : currency_name;

/** Formats an amount with the name of the currency, such as `1,200 credits`. Pure. */
export const formatAmount = (amount: number, currency: Currency): string =>
  `${formatTokens(amount)} ${currencyFor(currency, amount)}`;

/** The name with a capital first letter, for a heading or the start of a sentence. Pure. */
export const currencyTitle = ({ currency_name }: Currency): string =>
  currency_name.charAt(0).toUpperCase() + currency_name.slice(1);

/** The currency of this hostname's tenant. */
export function useCurrency(): Currency {
  const { currency_name, currency_name_singular } = useTenant();
  return { currency_name, currency_name_singular };
}
