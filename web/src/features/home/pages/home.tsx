import { SimpleGrid, Stack } from '@mantine/core';
import { Navigate } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { type ChosenPeriod, usePeriod } from '../../../lib/use-period.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { PeriodPicker } from '../../../ui/period-picker.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { TopUsage } from '../../usage/components/top-usage.tsx';
import { UsageChart } from '../../usage/components/usage-chart.tsx';
import { UsageFigures } from '../../usage/components/usage-figures.tsx';
import { BalanceCards, BalanceCardsLoading } from '../../wallet/components/balance-cards.tsx';
import { WalletWarningAlert } from '../../wallet/components/wallet-warning.tsx';
import { useTokenWallet } from '../../wallet/token-wallet-context.tsx';
import { RecentExecutions } from '../components/recent-executions.tsx';

const COLUMNS = { base: 1, md: 2 };

function OwnWallet() {
  const { wallet, error, refresh } = useTokenWallet();
  if (wallet !== null) return <BalanceCards wallet={wallet} />;
  return error === null ? <BalanceCardsLoading /> : <ErrorAlert error={error} onRetry={refresh} />;
}

/** The balance, the spend and the newest executions of a user. */
function UserHome({ period }: Pick<ChosenPeriod, 'period'>) {
  const { id } = useUser();
  return (
    <Stack gap="md">
      <div>
        <WalletWarningAlert />
        <OwnWallet />
      </div>
      <UsageChart scope={period} group="model" measure="wallet_tokens" />
      <SimpleGrid cols={COLUMNS} spacing="md">
        <TopUsage scope={period} group="model" measure="wallet_tokens" title="Top models" />
        <RecentExecutions userId={id} />
      </SimpleGrid>
    </Stack>
  );
}

/** The spend of a tenant's users, and the platform's charge for it. */
const AdminHome = ({ period }: Pick<ChosenPeriod, 'period'>) => (
  <Stack gap="md">
    <UsageFigures scope={period} compared={['wallet_tokens', 'revenue_micro_usd', 'executions']} />
    <UsageChart scope={period} group="model" measure="wallet_tokens" />
    <SimpleGrid cols={COLUMNS} spacing="md">
      <TopUsage scope={period} group="user" measure="wallet_tokens" title="Top users" />
      <TopUsage scope={period} group="model" measure="wallet_tokens" title="Top models" />
    </SimpleGrid>
  </Stack>
);

/** The first page of a user or an admin. A superadmin's is the overview of all tenants. */
export function HomePage() {
  const { role, name } = useUser();
  const { branding } = useTenant();
  const period = usePeriod();
  if (role === 'superadmin') return <Navigate to={paths.overview} replace />;
  return (
    <>
      <PageHeader
        title={role === 'admin' ? branding.name : `Hello${name === null ? '' : `, ${name}`}`}
        actions={<PeriodPicker {...period} />}
      >
        {role === 'admin'
          ? 'What your users spent, and what the platform charges for it.'
          : 'Your balance, what you spent and what you ran.'}
      </PageHeader>
      {role === 'admin' ? <AdminHome {...period} /> : <UserHome {...period} />}
    </>
  );
}
