import { Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Period } from '../../../../../contracts/days.ts';
import { usePeriod } from '../../../lib/use-period.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { PeriodPicker } from '../../../ui/period-picker.tsx';
import { overviewQuery } from '../api/platform.ts';
import { DayChart } from '../components/day-chart.tsx';
import { HealthCards } from '../components/health-cards.tsx';
import { OverviewFigures, OverviewFiguresLoading } from '../components/overview-figures.tsx';
import { UsageSection } from '../components/usage-section.tsx';

function Figures({ period }: { period: Period }) {
  const { data, error, refetch } = useQuery(overviewQuery(period));
  if (data !== undefined)
    return (
      <>
        <OverviewFigures totals={data.totals} />
        <DayChart days={data.days} />
      </>
    );
  if (error !== null) return <ErrorAlert error={error} onRetry={refetch} />;
  return (
    <>
      <OverviewFiguresLoading />
      <Skeleton h={280} radius="lg" />
    </>
  );
}

/** The platform's business: revenue, cost and margin, by tenant, model and day, and what needs attention. For superadmins. */
export function OverviewPage() {
  const period = usePeriod();
  return (
    <>
      <PageHeader title="Overview" actions={<PeriodPicker {...period} />}>
        What tenants pay, what providers cost, and what needs you.
      </PageHeader>
      <Stack gap="md">
        <Figures period={period.period} />
        <HealthCards />
        <UsageSection period={period.period} />
      </Stack>
    </>
  );
}
