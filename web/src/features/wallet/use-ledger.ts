import { useInfiniteQuery } from '@tanstack/react-query';
import type { LedgerItem } from '../../../../contracts/api/wallet.ts';
import { catchUpMs, useChangedAt } from '../../lib/catch-up.ts';
import { ledgerQuery } from './api/wallet.ts';

/** True while a ledger that was read lacks the wallet's newest entry. */
const isBehind = (items: LedgerItem[] | undefined, walletSeq: number) =>
  items !== undefined && (items[0]?.seq ?? 0) < walletSeq;

/** The ledger of the caller (null), or of one user, read again until it has entry number `walletSeq`. */
export function useLedger(userId: string | null, walletSeq: number) {
  const changedAt = useChangedAt(walletSeq);
  const query = useInfiniteQuery({
    ...ledgerQuery(userId),
    refetchInterval: ({ state }) =>
      isBehind(state.data?.pages[0]?.items, walletSeq) && catchUpMs(Date.now() - changedAt),
  });
  const isCatchingUp =
    isBehind(query.data, walletSeq) && catchUpMs(query.dataUpdatedAt - changedAt) !== false;
  return { query, isCatchingUp };
}
