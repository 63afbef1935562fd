import { mutationOptions, type QueryClient } from '@tanstack/react-query';
import type { Reconciliation } from '../../../../../contracts/api/reconciliation.ts';
import type { ReconciliationStatus } from '../../../../../contracts/wallet/reconciliation.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { type CachedPages, pagedOptions, pageQuery, withItems } from '../../../lib/paging.ts';

const LISTS_KEY = ['reconciliation'];

/** The last check of each wallet, newest first: all of them (null), or those with one status. */
export const reconciliationsQuery = (status: ReconciliationStatus | null) =>
  pagedOptions([...LISTS_KEY, { status }], (cursor) =>
    ask(api.reconciliation.$get({ query: { ...pageQuery(cursor), ...(status === null ? {} : { status }) } })),
  );

/** Shows a new result in the lists. The row stays in its place, also when it no longer matches the filter. */
const keepReconciliation = (client: QueryClient, checked: Reconciliation) =>
  client.setQueriesData<CachedPages<Reconciliation>>({ queryKey: LISTS_KEY }, (pages) =>
    withItems(pages, (known) => (known.user_id === checked.user_id ? checked : known)),
  );

/** Checks one wallet now. `full` starts again at its first entry. */
export const checkWallet = mutationOptions({
  mutationFn: ({ userId, full }: { userId: string; full: boolean }) =>
    ask(api.users[':id'].wallet.reconciliation.$post({ param: { id: userId }, json: { full } })),
  onSuccess: ({ reconciliation }, _variables, _result, { client }) =>
    keepReconciliation(client, reconciliation),
});

/** Adds an entry that bridges a difference. Superadmins only. Sending the same idempotency key again writes nothing twice. */
export const repairWallet = (userId: string, reason: string, idempotencyKey: string) =>
  mutationOptions({
    mutationFn: () =>
      ask(
        api.users[':id'].wallet.repair.$post({
          param: { id: userId },
          header: { 'idempotency-key': idempotencyKey },
          json: { reason },
        }),
      ),
    onSuccess: ({ report }, _variables, _result, { client }) =>
      keepReconciliation(client, report.reconciliation),
  });
