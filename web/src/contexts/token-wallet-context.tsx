import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import type { Wallet } from '../../../contracts/api/wallet.ts';
import { ApiError } from '../lib/api-client.ts';
import { fetchWallet } from '../services/wallet.ts';

/** A change the person just caused, to be shown for a moment. `id` tells two equal ones apart. */
type Charge = { id: string; tokens: number };

type TokenWallet = {
  /** null until the first answer. */
  wallet: Wallet | null;
  error: ApiError | null;
  lastCharge: Charge | null;
  refresh(): Promise<void>;
  /** A run was charged: shows the balance it left at once, and reads the whole wallet after. */
  noteCharge(charge: Charge, balanceAfter: number): void;
};

const TokenWalletContext = createContext<TokenWallet | null>(null);

/** The caller's wallet: read on arrival, after every run, and when the window comes back into view. */
export function TokenWalletProvider({ children }: { children: ReactNode }) {
  const [wallet, setWallet] = useState<Wallet | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [lastCharge, setLastCharge] = useState<Charge | null>(null);

  const refresh = useCallback(async () => {
    try {
      const next = await fetchWallet();
      // Answers may overtake each other; the wallet with more entries is the newer one.
      setWallet((known) => (known !== null && known.seq > next.seq ? known : next));
      setError(null);
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      setError(caught);
    }
  }, []);

  const noteCharge = useCallback(
    (charge: Charge, balanceAfter: number) => {
      setWallet((known) => known && { ...known, available: balanceAfter });
      setLastCharge(charge);
      refresh();
    },
    [refresh],
  );

  useEffect(() => {
    refresh();
    window.addEventListener('focus', refresh);
    return () => window.removeEventListener('focus', refresh);
  }, [refresh]);

  const value = useMemo(
    () => ({ wallet, error, lastCharge, refresh, noteCharge }),
    [wallet, error, lastCharge, refresh, noteCharge],
  );
  return <TokenWalletContext value={value}>{children}</TokenWalletContext>;
}

export function useTokenWallet(): TokenWallet {
  const value = useContext(TokenWalletContext);
  if (value === null) throw new Error('useTokenWallet needs a TokenWalletProvider above it');
  return value;
}
