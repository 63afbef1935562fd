import { mutationOptions } from '@tanstack/react-query';
import { api, ask, askFile } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';

/** The entries to show. Null and empty: all of them. */
export type AuditFilter = {
  /** The changed user. */
  userId: string | null;
  /** An action, or a kind of actions. */
  action: string | null;
  /** Days (UTC), `YYYY-MM-DD`. */
  from: string;
  to: string;
  /** Only what admins changed for themselves. */
  isSelfMade: boolean;
};

/** No filter. */
export const allEntries: AuditFilter = { userId: null, action: null, from: '', to: '', isSelfMade: false };

const filterQuery = ({ userId, action, from, to, isSelfMade }: AuditFilter) => ({
  ...(userId === null ? {} : { user_id: userId }),
  ...(action === null ? {} : { action }),
  ...(from === '' ? {} : { from }),
  ...(to === '' ? {} : { to }),
  ...(isSelfMade ? { self_made: 'true' as const } : {}),
});

/** The audit log, newest first. */
export const auditQuery = (filter: AuditFilter) =>
  pagedOptions(['audit', filter], (cursor) =>
    ask(api['audit-log'].$get({ query: { ...pageQuery(cursor), ...filterQuery(filter) } })),
  );

/** The audit log of all tenants or of one, newest first. */
export const platformAuditQuery = (filter: AuditFilter, tenantId: string | null) =>
  pagedOptions(['audit', 'platform', filter, tenantId], (cursor) =>
    ask(
      api.platform['audit-log'].$get({
        query: {
          ...pageQuery(cursor),
          ...filterQuery(filter),
          ...(tenantId === null ? {} : { tenant_id: tenantId }),
        },
      }),
    ),
  );

/** Downloads the entries as CSV. */
export const downloadAuditLog = (filter: AuditFilter) =>
  mutationOptions({
    mutationFn: () => askFile(api['audit-log'].export.$get({ query: filterQuery(filter) })),
  });
