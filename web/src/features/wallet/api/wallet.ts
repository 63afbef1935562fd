import { mutationOptions, queryOptions } from '@tanstack/react-query';
import type { WalletView } from '../../../../../contracts/api/wallet.ts';
import { api, ask, askFile } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';

/** The newer of two readings of a wallet: the one with more entries. Answers can arrive out of order. Pure. */
export const newerWallet = (known: WalletView | undefined, next: WalletView): WalletView =>
  known !== undefined && known.seq > next.seq ? known : next;

/** The caller's own wallet. The live connection keeps it current (token-wallet-context.tsx); a request is sent only when that fails. */
export const walletQuery = queryOptions({
  queryKey: ['wallet'],
  queryFn: async ({ client, queryKey }) => {
    const next = await ask(api.wallet.$get());
    return newerWallet(client.getQueryData<WalletView>(queryKey), next);
  },
  staleTime: Number.POSITIVE_INFINITY,
});

/** The ledger of the caller (null), or of one user, newest entry first. */
export const ledgerQuery = (userId: string | null) =>
  pagedOptions(['ledger', { userId }], (cursor) =>
    ask(
      api.wallet.ledger.$get({
        query: { ...pageQuery(cursor), ...(userId === null ? {} : { user_id: userId }) },
      }),
    ),
  );

/** Downloads the whole ledger of the caller (null), or of one user: one JSON entry per line, for `npm run verify:ledger`. */
export const downloadLedger = (userId: string | null) =>
  mutationOptions({
    mutationFn: () =>
      askFile(
        userId === null
          ? api.wallet.export.$get()
          : api.users[':id'].wallet.export.$get({ param: { id: userId } }),
      ),
    // The file is saved, and not kept in memory.
    gcTime: 0,
  });

/** Returns a new ticket, which opens the live balance once within 30 seconds. */
export const newLiveTicket = async (): Promise<string> => (await ask(api.wallet.live.tickets.$post())).ticket;

/** The address of the live balance, on this page's own origin. */
export const liveWalletUrl = (): string =>
  new URL('/api/wallet/live', window.location.href).href.replace(/^http/, 'ws');
