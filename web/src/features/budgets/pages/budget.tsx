import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { OwnBudget } from '../../../../../contracts/api/tenant/budgets.ts';
import { formatMicroUsd, sentenceList } from '../../../lib/format.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { ownBudgetQuery } from '../api/budgets.ts';
import { BudgetFigures, BudgetFiguresLoading } from '../components/budget-figures.tsx';
import { TenantBudgetCard } from '../components/tenant-budget-card.tsx';

function Terms({ own_key_fee_micro_usd, warning_thresholds_percent }: OwnBudget) {
  const fee =
    own_key_fee_micro_usd === 0
      ? 'Executions on your own provider keys cost nothing.'
      : `Each execution on your own provider keys costs ${formatMicroUsd(own_key_fee_micro_usd)}.`;
  const warnings =
    warning_thresholds_percent.length > 0 &&
    `Warnings at ${sentenceList(warning_thresholds_percent.map((percent) => `${percent} %`))}.`;
  return (
    <Text size="sm" c="dimmed">
      {fee} {warnings} The platform sets the budget. Contact it to raise it.
    </Text>
  );
}

function OwnBudgetView() {
  const { data: budget, error, refetch } = useQuery(ownBudgetQuery);
  return (
    <>
      {error !== null && <ErrorAlert error={error} onRetry={refetch} />}
      {budget === undefined && error === null && <BudgetFiguresLoading />}
      {budget !== undefined && (
        <Stack gap="md">
          <BudgetFigures budget={budget} />
          <Terms {...budget} />
        </Stack>
      )}
    </>
  );
}

/** The budget of the tenant, for its admins to read. Superadmins set that of the platform's own tenant. */
export function BudgetPage() {
  const { id, slug, branding } = useTenant();
  const { role } = useUser();
  return (
    <>
      <PageHeader title="Budget">
        What the users of {branding.name} may spend on the provider keys of the platform.
      </PageHeader>
      {role === 'superadmin' ? (
        <TenantBudgetCard tenant={{ id, slug, name: branding.name }} title="The platform’s own budget" />
      ) : (
        <OwnBudgetView />
      )}
    </>
  );
}
