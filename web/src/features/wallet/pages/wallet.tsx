import { Button, Group, Stack, Title } from '@mantine/core';
import { IconReceipt2 } from '@tabler/icons-react';
import { Link } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { CatchingUp } from '../../../ui/catching-up.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { BalanceCards, BalanceCardsLoading } from '../components/balance-cards.tsx';
import { ExportButton } from '../components/export-button.tsx';
import { LedgerList } from '../components/ledger-list.tsx';
import { WalletWarningAlert } from '../components/wallet-warning.tsx';
import { useTokenWallet } from '../token-wallet-context.tsx';
import { useLedger } from '../use-ledger.ts';

const NoEntries = () => (
  <EmptyState
    icon={<IconReceipt2 />}
    title="No entries yet"
    action={
      <Button component={Link} to={paths.playground}>
        Run a prompt
      </Button>
    }
  >
    Every grant, hold and charge of your wallet is recorded here. Entries are never changed.
  </EmptyState>
);

/** The caller's live balance, and the ledger behind it. */
export function WalletPage() {
  const { wallet, error, refresh } = useTokenWallet();
  const { email } = useUser();
  const { query, isCatchingUp } = useLedger(null, wallet?.seq ?? 0);
  const hasEntries = query.data !== undefined && query.data.length > 0;

  return (
    <>
      <PageHeader title="Wallet">Your balance and every entry of its ledger.</PageHeader>
      <Stack gap="xl">
        <div>
          <WalletWarningAlert />
          {wallet !== null && <BalanceCards wallet={wallet} />}
        </div>
        {wallet === null && error === null && <BalanceCardsLoading />}
        {wallet === null && error !== null && <ErrorAlert error={error} onRetry={refresh} />}
        <section aria-labelledby="ledger">
          <Group justify="space-between" mb="sm">
            <Title order={2} id="ledger">
              Ledger
            </Title>
            <Group gap="md">
              <CatchingUp when={isCatchingUp} />
              {hasEntries && <ExportButton userId={null} name={email} />}
            </Group>
          </Group>
          <LedgerList query={query} empty={<NoEntries />} />
        </section>
      </Stack>
    </>
  );
}
