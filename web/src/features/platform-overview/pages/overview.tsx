import { SegmentedControl, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { overviewQuery } from '../api/platform.ts';
import { DayChart } from '../components/day-chart.tsx';
import { HealthCards } from '../components/health-cards.tsx';
import { OverviewFigures, OverviewFiguresLoading } from '../components/overview-figures.tsx';
import { UsageSection } from '../components/usage-section.tsx';
import { choiceOf, type Period, periodNames, periodOf } from '../period.ts';

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
  const [params, setParams] = useSearchParams();
  const choice = choiceOf(params.get('period'));
  const period = periodOf(choice, Date.now());
  return (
    <>
      <PageHeader
        title="Overview"
        actions={
          <SegmentedControl
            aria-label="Period"
            data={Object.entries(periodNames).map(([value, label]) => ({ value, label }))}
            value={choice}
            onChange={(value) => setParams({ period: value }, { replace: true })}
          />
        }
      >
        What tenants pay, what providers cost, and what needs you.
      </PageHeader>
      <Stack gap="md">
        <Figures period={period} />
        <HealthCards />
        <UsageSection period={period} />
      </Stack>
    </>
  );
}
