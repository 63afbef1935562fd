import { Badge } from '@mantine/core';
import type { TenantStatus } from '../../../../../contracts/api/platform/tenants.ts';
import tones from '../../../ui/tones.module.css';

const statusTones = { active: 'good', suspended: 'warn', deleting: 'bad', deleted: 'plain' } as const;

/** The names of the statuses. */
export const statusNames: Record<TenantStatus, string> = {
  active: 'Active',
  suspended: 'Suspended',
  deleting: 'Being deleted',
  deleted: 'Deleted',
};

/** The status of a tenant as a badge. */
export const TenantState = ({ status }: { status: TenantStatus }) => (
  <Badge className={tones[statusTones[status]]}>{statusNames[status]}</Badge>
);
