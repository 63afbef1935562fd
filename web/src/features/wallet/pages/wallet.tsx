import { Button, Group, Stack, Title } from '@mantine/core';
import { IconReceipt2 } from '@tabler/icons-react';
import { Link } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { useCatchUp } from '../../../lib/use-catch-up.ts';
import { type Pages, usePages } from '../../../lib/use-pages.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { CatchingUp, ListEnd } from '../../../ui/list-end.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { fetchLedger } from '../api/wallet.ts';
import { BalanceCards, BalanceCardsLoading } from '../components/balance-cards.tsx';
import { ExportButton } from '../components/export-button.tsx';
import { LedgerList } from '../components/ledger-list.tsx';
import { WalletWarning } from '../components/wallet-warning.tsx';
import { useTokenWallet } from '../token-wallet-context.tsx';

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
