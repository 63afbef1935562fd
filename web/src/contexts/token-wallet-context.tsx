import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import type { Wallet } from '../../../contracts/api/wallet.ts';
import { type ApiError, api, ask } from '../lib/api-client.ts';

type TokenWallet = {
  /** null until the first answer. */
  wallet: Wallet | null;
  error: ApiError | null;
  refresh(): Promise<void>;
};

const TokenWalletContext = createContext<TokenWallet | null>(null);

/** The caller's wallet: read on arrival, after every run, and when the window comes back into view. */
export function TokenWalletProvider({ children }: { children: ReactNode }) {
  const [wallet, setWallet] = useState<Wallet | null>(null);
  const [error, setError] = useState<ApiError | null>(null);

  const refresh = useCallback(async () => {
    try {
      const next = await ask(api.wallet.$get());
      // Answers may overtake each other; the wallet with more entries is the newer one.
      setWallet((known) => (known !== null && known.seq > next.seq ? known : next));
      setError(null);
    } catch (caught) {
      setError(caught as ApiError);
    }
  }, []);

  useEffect(() => {
    refresh();
    window.addEventListener('focus', refresh);
    return () => window.removeEventListener('focus', refresh);
  }, [refresh]);

  const value = useMemo(() => ({ wallet, error, refresh }), [wallet, error, refresh]);
  return <TokenWalletContext value={value}>{children}</TokenWalletContext>;
}

export function useTokenWallet(): TokenWallet {
  const value = useContext(TokenWalletContext);
  if (value === null) throw new Error('useTokenWallet needs a TokenWalletProvider above it');
  return value;
}
