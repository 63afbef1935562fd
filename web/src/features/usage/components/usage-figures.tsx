import { SimpleGrid, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { UsageSummary } from '../../../../../contracts/api/usage.ts';
import { useCurrency } from '../../../lib/currency.ts';
import { formatDuration, formatShare, formatTokens, formatTokensShort } from '../../../lib/format.ts';
import { Figure } from '../../../ui/balance.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { type UsageScope, usageSummaryQuery } from '../api/usage.ts';
import { figureOf, type Measure, measures, nameOfMeasure } from '../measures.ts';
import { changeOf } from '../usage-groups.ts';

/** Returns the columns of so many figures, without a lone one in the last line where that is possible. */
const columnsOf = (figures: number) => ({ base: 2, sm: figures % 3 === 0 ? 3 : Math.min(figures, 5) });
/** The figures that are not compared. */
const OTHERS = 3;

/** The change to the period before, in words. */
function comparison(now: number, before: number): string {
  const change = changeOf(now, before);
  if (change === null) return now === 0 ? 'None before either' : 'None in the period before';
  if (change === 0) return 'As in the period before';
  const direction = change > 0 ? 'more' : 'less';
  return `${formatShare(Math.abs(change))} ${direction} than before`;
}

function Compared({ measure, summary }: { measure: Measure; summary: UsageSummary }) {
  const [now, before] = [figureOf(summary.totals, measure), figureOf(summary.previous.totals, measure)];
  const currency = useCurrency();
  const { format } = measures[measure];
  return (
    <Figure label={nameOfMeasure(measure, currency)} value={format(now)} hint={comparison(now, before)} />
  );
}

function Reliability({ totals }: Pick<UsageSummary, 'totals'>) {
  const { executions, failed_executions, failovers } = totals;
  const share = executions === 0 ? '–' : formatShare((executions - failed_executions) / executions);
  return (
    <Figure
      label="Succeeded"
      value={share}
      hint={`${formatTokens(failed_executions)} failed · ${formatTokens(failovers)} failovers`}
    />
  );
}

function Speed({ totals }: Pick<UsageSummary, 'totals'>) {
  const { latency_ms, first_token_ms } = totals;
  const first = first_token_ms === null ? '' : ` · first token ${formatDuration(first_token_ms.p50)}`;
  return (
    <Figure
      label="Median time"
      value={latency_ms === null ? '–' : formatDuration(latency_ms.p50)}
      hint={
        latency_ms === null
          ? 'Nothing succeeded'
          : `95 of 100 within ${formatDuration(latency_ms.p95)}${first}`
      }
    />
  );
}

function Tokens({ totals }: Pick<UsageSummary, 'totals'>) {
  const { input_tokens, output_tokens, cache_read_tokens } = totals;
  return (
    <Figure
      label="Model tokens"
      value={formatTokensShort(input_tokens + output_tokens)}
      hint={`${formatTokensShort(input_tokens)} in · ${formatTokensShort(output_tokens)} out · ${formatTokensShort(cache_read_tokens)} from a cache`}
    />
  );
}

/** The figures of a period, compared with the period before. `compared` names those with money or wallet tokens, the most important first. */
export function UsageFigures({ scope, compared }: { scope: UsageScope; compared: Measure[] }) {
  const { data, error, refetch } = useQuery(usageSummaryQuery(scope));
  const columns = columnsOf(compared.length + OTHERS);
  if (data === undefined && error !== null) return <ErrorAlert error={error} onRetry={refetch} />;
  if (data === undefined)
    return (
      <SimpleGrid cols={columns} spacing="sm" aria-busy>
        {[...compared, 'succeeded', 'time', 'tokens'].map((name) => (
          <Skeleton key={name} h={92} radius="lg" />
        ))}
      </SimpleGrid>
    );
  return (
    <SimpleGrid cols={columns} spacing="sm">
      {compared.map((measure) => (
        <Compared key={measure} measure={measure} summary={data} />
      ))}
      <Reliability totals={data.totals} />
      <Speed totals={data.totals} />
      <Tokens totals={data.totals} />
    </SimpleGrid>
  );
}
