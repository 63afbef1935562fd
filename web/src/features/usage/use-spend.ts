import { useQuery } from '@tanstack/react-query';
import { periodOf } from '../../lib/period.ts';
import { useUser } from '../auth/auth-context.tsx';
import { spendQuery } from './api/usage.ts';
import type { SpendById } from './spend.ts';

const unknown: SpendById = () => null;

/** Returns what users or API keys spent in the last 30 days, by one request. `userId` counts only what this user spent. */
export function useSpend(group: 'user' | 'key', userId: string | null = null): SpendById {
  const { role, tenant_id } = useUser();
  const scope = {
    ...periodOf('30', Date.now()),
    ...(userId === null ? {} : { user_id: userId }),
    // A superadmin reads usage of all tenants, and lists of their own.
    ...(role === 'superadmin' ? { tenant_id } : {}),
  };
  return useQuery(spendQuery(scope, group)).data ?? unknown;
}
