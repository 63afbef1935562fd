import { SimpleGrid, Skeleton } from '@mantine/core';
import type { PlatformFigures } from '../../../../../contracts/api/platform/platform.ts';
import { formatMicroUsd, formatShare, formatTokens, formatTokensShort } from '../../../lib/format.ts';
import { Figure } from '../../../ui/balance.tsx';

const COLUMNS = { base: 2, sm: 4 };

/** Revenue, cost and margin of a period, and its executions. */
export function OverviewFigures({ totals }: { totals: PlatformFigures }) {
  const { revenue_micro_usd, cost_micro_usd, margin_micro_usd, executions, failed_executions } = totals;
  const { input_tokens, output_tokens } = totals;
  return (
    <SimpleGrid cols={COLUMNS} spacing="sm">
      <Figure label="Revenue" value={formatMicroUsd(revenue_micro_usd)} hint="Charged to tenants" />
      <Figure label="Cost" value={formatMicroUsd(cost_micro_usd)} hint="On the platform’s keys" />
      <Figure
        label="Margin"
        value={formatMicroUsd(margin_micro_usd)}
        hint={
          revenue_micro_usd === 0
            ? 'No revenue yet'
            : `${formatShare(margin_micro_usd / revenue_micro_usd)} of the revenue`
        }
      />
      <Figure
        label="Executions"
        value={formatTokens(executions)}
        hint={`${formatTokens(failed_executions)} failed · ${formatTokensShort(input_tokens + output_tokens)} tokens`}
      />
    </SimpleGrid>
  );
}

export const OverviewFiguresLoading = () => (
  <SimpleGrid cols={COLUMNS} spacing="sm" aria-busy>
    {['revenue', 'cost', 'margin', 'executions'].map((name) => (
      <Skeleton key={name} h={92} radius="lg" />
    ))}
  </SimpleGrid>
);
