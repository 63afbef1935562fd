import { Button, Group, Stack, Title } from '@mantine/core';
import { IconReceipt2 } from '@tabler/icons-react';
import { Link } from 'react-router';
import { EmptyState } from '../components/empty-state.tsx';
import { ErrorAlert } from '../components/error-alert.tsx';
import { CatchingUp, ListEnd } from '../components/list-end.tsx';
import { ListLoading } from '../components/list-loading.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { BalanceCards, BalanceCardsLoading } from '../components/wallet/balance-cards.tsx';
import { ExportButton } from '../components/wallet/export-button.tsx';
import { LedgerList } from '../components/wallet/ledger-list.tsx';
import { WalletWarning } from '../components/wallet/wallet-warning.tsx';
import { useUser } from '../contexts/auth-context.tsx';
import { useTokenWallet } from '../contexts/token-wallet-context.tsx';
import { useCatchUp } from '../hooks/use-catch-up.ts';
import { type Pages, usePages } from '../hooks/use-pages.ts';
import { paths } from '../lib/paths.ts';
import { fetchLedger } from '../services/wallet.ts';

type LedgerPages = Pages<Awaited<ReturnType<typeof fetchLedger>>['items'][number]>;

function Ledger({ pages }: { pages: LedgerPages }) {
  if (pages.error !== null) return <ErrorAlert error={pages.error} onRetry={pages.reload} />;
  if (pages.items === null) return <ListLoading />;
  if (pages.items.length === 0) {
    return (
      <EmptyState
        icon={<IconReceipt2 />}
        title="No entries yet"
        action={
          <Button component={Link} to={paths.playground}>
            Run a prompt
          </Button>
        }
      >
        Every token you are given, every hold and every charge is written here, for good.
      </EmptyState>
    );
  }
  return (
    <>
      <LedgerList items={pages.items} />
      <ListEnd pages={pages} />
    </>
  );
}

/** The balance, exact to this moment, and the ledger it follows from. */
export function WalletPage() {
  const { wallet, error, refresh } = useTokenWallet();
  const { email } = useUser();
  const pages = usePages(fetchLedger);
  const newestSeq = pages.items?.[0]?.seq ?? 0;
  const isBehind = wallet !== null && pages.items !== null && newestSeq < wallet.seq;
  const catchingUp = useCatchUp(isBehind, pages.reload);

  return (
    <>
      <PageHeader title="Wallet">What you can spend, and where every token went.</PageHeader>
      <Stack gap="xl">
        <div>
          <WalletWarning />
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
              <CatchingUp when={catchingUp} />
              {pages.items !== null && pages.items.length > 0 && <ExportButton userId={null} name={email} />}
            </Group>
          </Group>
          <Ledger pages={pages} />
        </section>
      </Stack>
    </>
  );
}
