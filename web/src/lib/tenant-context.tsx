import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import type { PublicTenant } from '../../../contracts/api/tenant/tenant.ts';

type Branding = PublicTenant['branding'];
type CurrencyNames = Pick<PublicTenant, 'currency_name' | 'currency_name_singular'>;
type Shown = {
  tenant: PublicTenant;
  showBranding: (branding: Branding) => void;
  showCurrency: (names: CurrencyNames) => void;
};

const TenantContext = createContext<Shown | null>(null);

export function TenantProvider({ tenant, children }: { tenant: PublicTenant; children: ReactNode }) {
  const [branding, showBranding] = useState(tenant.branding);
  const [currency, showCurrency] = useState<CurrencyNames>(tenant);
  const { currency_name, currency_name_singular } = currency;
  const shown = useMemo(
    () => ({
      tenant: { ...tenant, branding, currency_name, currency_name_singular },
      ...{ showBranding, showCurrency },
    }),
    [tenant, branding, currency_name, currency_name_singular],
  );
  return <TenantContext value={shown}>{children}</TenantContext>;
}

function useShown(): Shown {
  const shown = useContext(TenantContext);
  if (shown === null) throw new Error('useTenant needs a TenantProvider above it');
  return shown;
}

/** The tenant of this hostname. */
export const useTenant = (): PublicTenant => useShown().tenant;

/** Returns a function that changes the brand which this tab shows: after a change, or to try one. */
export const useShowBranding = () => useShown().showBranding;

/** Returns a function that changes the names of the currency which this tab shows. */
export const useShowCurrency = () => useShown().showCurrency;
