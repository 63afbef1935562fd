import { createContext, type ReactNode, useContext } from 'react';
import type { PublicTenant } from '../../../contracts/api/tenant.ts';

const TenantContext = createContext<PublicTenant | null>(null);

export function TenantProvider({ tenant, children }: { tenant: PublicTenant; children: ReactNode }) {
  return <TenantContext value={tenant}>{children}</TenantContext>;
}

/** The tenant of this hostname. */
export function useTenant(): PublicTenant {
  const tenant = useContext(TenantContext);
  if (tenant === null) throw new Error('useTenant needs a TenantProvider above it');
  return tenant;
}
