import { Alert } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconGauge } from '@tabler/icons-react';
import { useCurrency } from '../../../lib/currency.ts';
import { useUser } from '../../auth/auth-context.tsx';
import { useTokenWallet } from '../token-wallet-context.tsx';
import { warningOf } from '../wallet-warning.ts';

/** The warning of the highest threshold reached, until the user dismisses it. */
export function WalletWarningAlert() {
  const { id } = useUser();
  const { wallet } = useTokenWallet();
  const currency = useCurrency();
  const [dismissed, setDismissed] = useLocalStorage({
    key: `wallet-warning-dismissed-${id}`,
    defaultValue: '',
    getInitialValueInEffect: false,
  });
  const warning = wallet === null ? null : warningOf(wallet, currency);
  if (warning === null || warning.key === dismissed) return null;
  return (
    <Alert
      color="yellow"
      role="status"
      icon={<IconGauge aria-hidden />}
      title={warning.title}
      mb="xs"
      withCloseButton
      closeButtonLabel="Dismiss this warning"
      onClose={() => setDismissed(warning.key)}
    >
      {warning.advice}
    </Alert>
  );
}
