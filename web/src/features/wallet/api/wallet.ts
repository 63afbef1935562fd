import { queryOptions } from '@tanstack/react-query';
import type { Wallet } from '../../../../../contracts/api/wallet.ts';
import { api, ask, askFile } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';

/** The newer of two readings of a wallet: the one with more entries. Answers may overtake each other. Pure. */
export const newerWallet = (known: Wallet | undefined, next: Wallet): Wallet =>
  known !== undefined && known.seq > next.seq ? known : next;

/** The caller's own wallet. The live connection keeps it current (token-wallet-context.tsx): a call is made only when that is silent. */
export const walletQuery = queryOptions({
  queryKey: ['wallet'],
  queryFn: async ({ client, queryKey }) => {
    const next = await ask(api.wallet.$get());
    return newerWallet(client.getQueryData<Wallet>(queryKey), next);
  },
  staleTime: Number.POSITIVE_INFINITY,
});

/** The ledger of the caller, or of a user of an admin's. */
export const fetchLedger = (cursor: string | undefined, userId?: string) =>
  ask(
    api.wallet.ledger.$get({
      query: { ...pageQuery(cursor), ...(userId === undefined ? {} : { user_id: userId }) },
    }),
  );

/** The ledger of the caller (null), or of a user of an admin's, newest first. */
export const ledgerQuery = (userId: string | null) =>
  pagedOptions(['ledger', { userId }], (cursor) => fetchLedger(cursor, userId ?? undefined));

/** The whole ledger of the caller, or of a user of an admin's, one JSON entry a line, for `npm run verify:ledger`. */
export const fetchLedgerFile = (userId: string | null) =>
  askFile(
    userId === null
      ? api.wallet.export.$get()
      : api.users[':id'].wallet.export.$get({ param: { id: userId } }),
  );

/** Where the live balance is, on this page's own origin. */
export const liveWalletUrl = (): string =>
  new URL('/api/wallet/live', window.location.href).href.replace(/^http/, 'ws');
