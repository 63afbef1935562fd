import { api, ask } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';

type AuditFilter = {
  /** The changed user; null for all. */
  userId: string | null;
  /** Only what admins changed for themselves. */
  isSelfMade: boolean;
};

/** The audit log, newest first. */
export const auditQuery = ({ userId, isSelfMade }: AuditFilter) =>
  pagedOptions(['audit', { userId, isSelfMade }], (cursor) =>
    ask(
      api.audit.$get({
        query: {
          ...pageQuery(cursor),
          ...(userId === null ? {} : { user_id: userId }),
          ...(isSelfMade ? { self_made: 'true' as const } : {}),
        },
      }),
    ),
  );
