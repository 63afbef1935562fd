import { type QueryKey, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import type { WalletView } from '../../../../contracts/api/wallet.ts';
import type { ApiError } from '../../lib/api-client.ts';
import { useFeature } from '../levels/use-feature.ts';
import { newerWallet, walletQuery } from './api/wallet.ts';
import { useLiveWallet } from './use-live-wallet.ts';

/** A charge the user just caused, shown for a moment. `id` distinguishes two equal charges. */
type Charge = { id: string; tokens: number };

type TokenWallet = {
  /** null until it is read. */
  wallet: WalletView | null;
  /** The error of the last read, or null. */
  error: ApiError | null;
  /** True while the live connection is lost: changes may be missing. */
  isInterrupted: boolean;
  lastCharge: Charge | null;
  /** Reads the wallet now, for when the live connection has failed. */
  refresh(): Promise<void>;
  /** Shows a charge for a moment, and reads the wallet if the live connection is lost. */
  noteChange(charge: Charge | null): void;
};

const TokenWalletContext = createContext<TokenWallet | null>(null);

type TokenWalletProviderProps = {
  /** Key of the queries to read again when one of the caller's executions has ended. */
  staleOnceEnded: QueryKey;
  children: ReactNode;
};

/** Keeps the caller's wallet in the query cache current. Only here, the live connection writes to the cache. */
export function TokenWalletProvider({ staleOnceEnded, children }: TokenWalletProviderProps) {
  const client = useQueryClient();
  const { data: wallet = null, error, refetch } = useQuery({ ...walletQuery, enabled: false });
  const [lastCharge, setLastCharge] = useState<Charge | null>(null);

  const show = useCallback(
    (next: WalletView) => void client.setQueryData(walletQuery.queryKey, (known) => newerWallet(known, next)),
    [client],
  );
  const refresh = useCallback(async () => void (await refetch()), [refetch]);

  const readExecutions = useCallback(
    () => void client.invalidateQueries({ queryKey: staleOnceEnded }),
    [client, staleOnceEnded],
  );

  const isLive = useFeature('live_balance');
  const { isInterrupted } = useLiveWallet({
    isOffered: isLive,
    onWallet: show,
    onEnded: readExecutions,
    onSilence: refresh,
  });

  const noteChange = useCallback(
    (charge: Charge | null) => {
      if (charge !== null) setLastCharge(charge);
      if (isInterrupted || !isLive) refresh();
    },
    [isInterrupted, isLive, refresh],
  );

  const value = useMemo(
    () => ({ wallet, error, isInterrupted, lastCharge, refresh, noteChange }),
    [wallet, error, isInterrupted, lastCharge, refresh, noteChange],
  );
  return <TokenWalletContext value={value}>{children}</TokenWalletContext>;
}

const NO_WALLET: TokenWallet = {
  wallet: null,
  error: null,
  isInterrupted: false,
  lastCharge: null,
  refresh: async () => undefined,
  noteChange: () => undefined,
};

/** Stands in for the provider where the caller has no wallet: for a superadmin who acts inside a tenant. */
export const WithoutTokenWallet = ({ children }: { children: ReactNode }) => (
  <TokenWalletContext value={NO_WALLET}>{children}</TokenWalletContext>
);

export function useTokenWallet(): TokenWallet {
  const value = useContext(TokenWalletContext);
  if (value === null) throw new Error('useTokenWallet needs a TokenWalletProvider above it');
  return value;
}
