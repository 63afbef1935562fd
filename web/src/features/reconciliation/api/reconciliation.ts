import type { ReconciliationStatus } from '../../../../../contracts/reconciliation.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { pageQuery } from '../../../lib/paging.ts';

export const fetchReconciliations = (cursor: string | undefined, status: ReconciliationStatus | null) =>
  ask(api.reconciliation.$get({ query: { ...pageQuery(cursor), ...(status === null ? {} : { status }) } }));

/** Checks one wallet now. `full` begins at its first entry again. */
export const postReconciliation = (userId: string, full: boolean) =>
  ask(api.users[':id'].wallet.reconciliation.$post({ param: { id: userId }, json: { full } }));

/** Bridges a difference by one more entry. Superadmins only. Sending the same key again writes nothing twice. */
export const postRepair = (userId: string, reason: string, idempotencyKey: string) =>
  ask(
    api.users[':id'].wallet.repair.$post({
      param: { id: userId },
      header: { 'idempotency-key': idempotencyKey },
      json: { reason },
    }),
  );
