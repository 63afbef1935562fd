import { Alert, Anchor } from '@mantine/core';
import { IconCoinOff } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useCurrency } from '../../../lib/currency.ts';
import { paths } from '../../../lib/paths.ts';
import { useUser } from '../../auth/auth-context.tsx';
import { useTokenWallet } from '../../wallet/token-wallet-context.tsx';

/** True when the wallet is empty and its limit is hard: the next run would be refused. */
export function useIsEmpty(): boolean {
  const { wallet } = useTokenWallet();
  return wallet !== null && wallet.available === 0 && wallet.policy.enforcement === 'hard';
}

/** A warning that the wallet is empty. */
export function EmptyWallet() {
  const { role } = useUser();
  const { currency_name } = useCurrency();
  return (
    <Alert color="yellow" icon={<IconCoinOff aria-hidden />} mb="xs" title="Your wallet is empty">
      {role === 'user' ? (
        `Ask your administrator for ${currency_name} before you run a prompt.`
      ) : (
        <>
          Add {currency_name} on the{' '}
          <Anchor component={Link} to={paths.users} inherit underline="always">
            users page
          </Anchor>{' '}
          before you run a prompt.
        </>
      )}
    </Alert>
  );
}
