import { Alert, SimpleGrid, Skeleton, Stack } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { OwnBudget } from '../../../../../contracts/api/tenant/budgets.ts';
import { formatMicroUsd } from '../../../lib/format.ts';
import { Balance, Figure } from '../../../ui/balance.tsx';
import { budgetSentence, enforcementNames } from '../budget-words.ts';

function Warning({ warning_percent, available_micro_usd, enforcement }: OwnBudget) {
  if (warning_percent === null) return null;
  const isSpent = available_micro_usd === 0;
  return (
    <Alert
      color={isSpent ? 'red' : 'yellow'}
      icon={<IconAlertTriangle aria-hidden />}
      title={isSpent ? 'The budget is spent' : `More than ${warning_percent} % of the budget is spent`}
    >
      {enforcement === 'hard'
        ? 'Executions that the budget does not cover are refused.'
        : 'Executions go on, and what the budget does not cover is counted as overage.'}
    </Alert>
  );
}

/** The figures of a budget: available = balance - leased. */
export function BudgetFigures({ budget }: { budget: OwnBudget }) {
  const { mode, available_micro_usd, leased_micro_usd, balance_micro_usd, spent_micro_usd } = budget;
  const { overage_micro_usd } = budget;
  const all = balance_micro_usd + spent_micro_usd;
  const available = formatMicroUsd(available_micro_usd);
  return (
    <Stack gap="sm">
      <Warning {...budget} />
      <Balance
        title="Available now"
        amount={available}
        rule={enforcementNames[budget.enforcement]}
        shares={{ free: available_micro_usd, held: leased_micro_usd, all }}
        label={`${available} of ${formatMicroUsd(all)} available`}
      >
        {budgetSentence(budget)} {formatMicroUsd(spent_micro_usd)} of {formatMicroUsd(all)} spent.
      </Balance>
      <SimpleGrid cols={{ base: 2, sm: overage_micro_usd > 0 ? 4 : 3 }} spacing="sm">
        <Figure label="Balance" value={formatMicroUsd(balance_micro_usd)} hint="Not spent yet" />
        <Figure
          label="Leased"
          value={formatMicroUsd(leased_micro_usd)}
          hint={leased_micro_usd === 0 ? 'Nothing running' : 'By the wallets of users'}
        />
        <Figure
          label="Spent"
          value={formatMicroUsd(spent_micro_usd)}
          hint={mode === 'monthly' ? 'This month' : 'In all'}
        />
        {overage_micro_usd > 0 && (
          <Figure label="Overage" value={formatMicroUsd(overage_micro_usd)} hint="Not covered" />
        )}
      </SimpleGrid>
    </Stack>
  );
}

export function BudgetFiguresLoading() {
  return (
    <Stack gap="sm" aria-busy>
      <Skeleton h={176} radius="lg" />
      <SimpleGrid cols={{ base: 2, sm: 3 }} spacing="sm">
        {['balance', 'leased', 'spent'].map((name) => (
          <Skeleton key={name} h={92} radius="lg" />
        ))}
      </SimpleGrid>
    </Stack>
  );
}
