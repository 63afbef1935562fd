import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react';
import type { Wallet } from '../../../../contracts/api/wallet.ts';
import { ApiError } from '../../lib/api-client.ts';
import { fetchWallet } from './api/wallet.ts';
import { useLiveWallet } from './use-live-wallet.ts';

/** A change the person just caused, to be shown for a moment. `id` tells two equal ones apart. */
type Charge = { id: string; tokens: number };

type TokenWallet = {
  /** null until the first word of it. */
  wallet: Wallet | null;
  /** Why it could not be read. */
  error: ApiError | null;
  /** Changes may be missed: the connection that tells of them is lost, and being made again. */
  isInterrupted: boolean;
  lastCharge: Charge | null;
  /** Reads the wallet now. Only needed where the live balance failed. */
  refresh(): Promise<void>;
  /** Something of ours changed the wallet: says how much it was charged, and reads the wallet if nobody tells us. */
  noteChange(charge: Charge | null): void;
  /** Calls `listener` whenever one of the caller's executions has ended, until the function that it answers is called. */
  onEnded(listener: () => void): () => void;
};

const TokenWalletContext = createContext<TokenWallet | null>(null);

/** The caller's wallet, as the server tells it: at once, and after every change, whoever or whatever spends. */
export function TokenWalletProvider({ children }: { children: ReactNode }) {
  const [wallet, setWallet] = useState<Wallet | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [lastCharge, setLastCharge] = useState<Charge | null>(null);

  const show = useCallback((next: Wallet) => {
    // Answers may overtake each other; the wallet with more entries is the newer one.
    setWallet((known) => (known !== null && known.seq > next.seq ? known : next));
    setError(null);
  }, []);

  const refresh = useCallback(async () => {
    try {
      show(await fetchWallet());
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      setError(caught);
    }
  }, [show]);

  const listeners = useRef(new Set<() => void>());
  const onEnded = useCallback((listener: () => void) => {
    listeners.current.add(listener);
    return () => void listeners.current.delete(listener);
  }, []);
  const tellEnded = useCallback(() => {
    for (const listener of listeners.current) listener();
  }, []);

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
