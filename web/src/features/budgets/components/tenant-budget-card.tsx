import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconAdjustments, IconDownload, IconPlus, IconScale } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { TenantBudget } from '../../../../../contracts/api/tenant/budgets.ts';
import { formatMicroUsd } from '../../../lib/format.ts';
import { notify } from '../../../lib/notify.ts';
import { saveFile } from '../../../lib/save-file.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { downloadTenantLedger, tenantBudgetQuery } from '../api/budgets.ts';
import { formatBasisPoints } from '../budget-words.ts';
import { BudgetCheckDrawer } from './budget-check-drawer.tsx';
import { BudgetCreditDialog } from './budget-credit-dialog.tsx';
import { BudgetDrawer } from './budget-drawer.tsx';
import { BudgetFigures, BudgetFiguresLoading } from './budget-figures.tsx';
import { TenantLedger } from './tenant-ledger.tsx';

type Tenant = { id: string; slug: string; name: string };

function Actions({ tenant, budget }: { tenant: Tenant; budget: TenantBudget }) {
  const [open, setOpen] = useState<'budget' | 'credit' | null>(null);
  const done = (message: string) => {
    setOpen(null);
    notify({ color: 'brand', title: 'Saved', message });
  };
  const dialog = { tenantId: tenant.id, tenantName: tenant.name, onClose: () => setOpen(null) };
  return (
    <Group gap="xs">
      {budget.mode === 'prepaid' && (
        <Button size="xs" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setOpen('credit')}>
          Add credit
        </Button>
      )}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconAdjustments size={15} aria-hidden />}
        onClick={() => setOpen('budget')}
      >
        Change
      </Button>
      {open === 'budget' && (
        <BudgetDrawer
          {...dialog}
          budget={budget}
          onDone={() => done('The budget applies from the next execution on.')}
        />
      )}
      {open === 'credit' && (
        <BudgetCreditDialog
          {...dialog}
          onDone={(balance) => done(`The balance is ${formatMicroUsd(balance)} now.`)}
        />
      )}
    </Group>
  );
}

function ExportButton({ tenant }: { tenant: Tenant }) {
  const { mutate, isPending } = useMutation({
    ...downloadTenantLedger(tenant.id),
    onSuccess: (file) => saveFile(file, `ledger-${tenant.slug}.ndjson`),
    onError: ({ message }) => notify({ color: 'yellow', title: 'The ledger was not downloaded', message }),
  });
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconDownload size={15} aria-hidden />}
      loading={isPending}
      onClick={() => mutate()}
    >
      Download the ledger
    </Button>
  );
}

/** The budget of a tenant with its ledger, for superadmins: to be set, topped up and checked. */
export function TenantBudgetCard({ tenant, title = 'Budget' }: { tenant: Tenant; title?: string }) {
  const { data: budget, error, refetch } = useQuery(tenantBudgetQuery(tenant.id));
  const [isChecking, setChecking] = useState(false);
  return (
    <section aria-labelledby="budget">
      <Stack gap="md">
        <Group justify="space-between">
          <Title order={2} id="budget">
            {title}
          </Title>
          {budget !== undefined && <Actions tenant={tenant} budget={budget} />}
        </Group>
        {error !== null && <ErrorAlert error={error} onRetry={refetch} />}
        {budget === undefined && error === null && <BudgetFiguresLoading />}
        {budget !== undefined && (
          <>
            <BudgetFigures budget={budget} />
            <Text size="sm" c="dimmed">
              Markup {formatBasisPoints(budget.markup_basis_points)}, fee on own keys{' '}
              {formatMicroUsd(budget.own_key_fee_micro_usd)} per execution.
            </Text>
          </>
        )}
        <Group justify="end" gap="xs">
          <Button
            variant="default"
            size="xs"
            leftSection={<IconScale size={15} aria-hidden />}
            onClick={() => setChecking(true)}
          >
            Check the wallet
          </Button>
          <ExportButton tenant={tenant} />
        </Group>
        <TenantLedger tenantId={tenant.id} walletSeq={budget?.seq ?? 0} />
        {isChecking && <BudgetCheckDrawer tenant={tenant} onClose={() => setChecking(false)} />}
      </Stack>
    </section>
  );
}
