import { api, ask, askFile } from '../../../lib/api-client.ts';
import { pageQuery } from '../../../lib/paging.ts';

export const fetchWallet = () => ask(api.wallet.$get());

/** The ledger of the caller, or of a user of an admin's. */
export const fetchLedger = (cursor: string | undefined, userId?: string) =>
  ask(
    api.wallet.ledger.$get({
      query: { ...pageQuery(cursor), ...(userId === undefined ? {} : { user_id: userId }) },
    }),
  );

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
