import { type QueryKey, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react';
import type { Wallet } from '../../../../contracts/api/wallet.ts';
import type { ApiError } from '../../lib/api-client.ts';
import { newerWallet, walletQuery } from './api/wallet.ts';
import { useLiveWallet } from './use-live-wallet.ts';

/** A change the user just caused, shown for a moment. `id` tells two equal ones apart. */
type Charge = { id: string; tokens: number };

type TokenWallet = {
  /** null until it was first read. */
  wallet: Wallet | null;
  /** The error of the last read, or null. */
  error: ApiError | null;
  /** The live connection is lost and being made again: changes may be missed. */
  isInterrupted: boolean;
  lastCharge: Charge | null;
  /** Reads the wallet now. Only needed where the live balance failed. */
  refresh(): Promise<void>;
  /** Notes a change of ours: shows the charge, and reads the wallet if no live connection does. */
  noteChange(charge: Charge | null): void;
  /** Calls `listener` whenever one of the caller's executions has ended. Returns a function that stops it. */
  onEnded(listener: () => void): () => void;
};

const TokenWalletContext = createContext<TokenWallet | null>(null);

type TokenWalletProviderProps = {
  /** Key of the queries that are stale once one of the caller's executions has ended. */
  staleOnceEnded: QueryKey;
  children: ReactNode;
};

/** Keeps the caller's wallet in the query cache current: the one place where the live connection writes to it. */
export function TokenWalletProvider({ staleOnceEnded, children }: TokenWalletProviderProps) {
  const client = useQueryClient();
  const { data: wallet = null, error, refetch } = useQuery({ ...walletQuery, enabled: false });
  const [lastCharge, setLastCharge] = useState<Charge | null>(null);

  const show = useCallback(
    (next: Wallet) => void client.setQueryData(walletQuery.queryKey, (known) => newerWallet(known, next)),
    [client],
  );
  const refresh = useCallback(async () => void (await refetch()), [refetch]);

  const listeners = useRef(new Set<() => void>());
  const onEnded = useCallback((listener: () => void) => {
    listeners.current.add(listener);
    return () => void listeners.current.delete(listener);
  }, []);
  const tellEnded = useCallback(() => {
    client.invalidateQueries({ queryKey: staleOnceEnded });
    for (const listener of listeners.current) listener();
  }, [client, staleOnceEnded]);

  const { isInterrupted } = useLiveWallet({ onWallet: show, onEnded: tellEnded, onSilence: refresh });

  const noteChange = useCallback(
    (charge: Charge | null) => {
      if (charge !== null) setLastCharge(charge);
      if (isInterrupted) refresh();
    },
    [isInterrupted, refresh],
  );

  const value = useMemo(
    () => ({ wallet, error, isInterrupted, lastCharge, refresh, noteChange, onEnded }),
    [wallet, error, isInterrupted, lastCharge, refresh, noteChange, onEnded],
  );
  return <TokenWalletContext value={value}>{children}</TokenWalletContext>;
}

export function useTokenWallet(): TokenWallet {
  const value = useContext(TokenWalletContext);
  if (value === null) throw new Error('useTokenWallet needs a TokenWalletProvider above it');
  return value;
}
