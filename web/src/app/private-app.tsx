import { Navigate, useLocation } from 'react-router';
import { useAuth } from '../features/auth/auth-context.tsx';
import { EXECUTIONS_KEY } from '../features/executions/api/executions.ts';
import { TokenWalletProvider, WithoutTokenWallet } from '../features/wallet/token-wallet-context.tsx';
import { paths } from '../lib/paths.ts';
import { AppLayout } from './app-layout.tsx';
import { Waiting } from './route-guards.tsx';

/** The private pages in their frame, with the user's wallet. Without a session, redirects to the login page, which leads back. */
export function PrivateApp() {
  const { user, ended } = useAuth();
  const { pathname, search } = useLocation();
  if (user === undefined) return <Waiting />;
  if (user === null) {
    const state = ended?.byChoice ? null : { from: pathname + search };
    return <Navigate to={paths.login} replace state={state} />;
  }
  if (user.acting !== null)
    return (
      <WithoutTokenWallet>
        <AppLayout />
      </WithoutTokenWallet>
    );
  return (
    <TokenWalletProvider key={user.id} staleOnceEnded={EXECUTIONS_KEY}>
      <AppLayout />
    </TokenWalletProvider>
  );
}
