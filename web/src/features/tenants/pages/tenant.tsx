import { Button, Group, SimpleGrid, Stack } from '@mantine/core';
import { IconBuildingStore, IconDownload, IconListDetails, IconUserShield } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import type { TenantDetail } from '../../../../../contracts/api/platform/tenants.ts';
import { notify } from '../../../lib/notify.ts';
import { paths } from '../../../lib/paths.ts';
import { saveFile } from '../../../lib/save-file.ts';
import { BackLink } from '../../../ui/back-link.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { TenantBudgetCard } from '../../budgets/components/tenant-budget-card.tsx';
import { downloadTenant, tenantQuery } from '../api/tenants.ts';
import { ActDialog } from '../components/act-dialog.tsx';
import { DangerZone } from '../components/danger-zone.tsx';
import { SelfMadeChanges } from '../components/self-made-changes.tsx';
import { TenantBrand } from '../components/tenant-brand.tsx';
import { Admins, Figures, Hostnames, Section, StatusNote, TenantLine } from '../components/tenant-facts.tsx';

function Actions({ tenant }: { tenant: TenantDetail }) {
  const [isActing, setActing] = useState(false);
  const { mutate, isPending } = useMutation({
    ...downloadTenant(tenant.id),
    onSuccess: (file) => saveFile(file, `tenant-${tenant.slug}.ndjson`),
    onError: ({ message }) => notify({ color: 'yellow', title: 'The export was not downloaded', message }),
  });
  return (
    <Group gap="xs">
      <Button
        variant="default"
        leftSection={<IconDownload size={17} aria-hidden />}
        loading={isPending}
        onClick={() => mutate()}
      >
        Export
      </Button>
      <Button
        component={Link}
        to={paths.platformAudit(tenant.id)}
        variant="default"
        leftSection={<IconListDetails size={17} aria-hidden />}
      >
        Audit log
      </Button>
      {tenant.status === 'active' && !tenant.is_platform && (
        <Button leftSection={<IconUserShield size={17} aria-hidden />} onClick={() => setActing(true)}>
          Act inside
        </Button>
      )}
      {isActing && <ActDialog tenant={tenant} onClose={() => setActing(false)} />}
    </Group>
  );
}

const Tenant = ({ tenant }: { tenant: TenantDetail }) => (
  <>
    <PageHeader title={tenant.name} actions={<Actions tenant={tenant} />}>
      <TenantLine tenant={tenant} />
    </PageHeader>
    <Stack gap="md">
      <StatusNote tenant={tenant} />
      <Figures tenant={tenant} />
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
        <Section title="Hostnames">
          <Hostnames hostnames={tenant.hostnames} />
        </Section>
        <Section title="Admins">
          <Admins tenant={tenant} />
        </Section>
      </SimpleGrid>
      {!tenant.is_platform && <TenantBudgetCard tenant={tenant} />}
      {tenant.status !== 'deleted' && <TenantBrand tenant={tenant} />}
      {tenant.status !== 'deleted' && <SelfMadeChanges tenant={tenant} />}
      <DangerZone tenant={tenant} />
    </Stack>
  </>
);

/** One tenant: its state, its brand, its admins and what can be done with it. */
export function TenantPage() {
  const { id = '' } = useParams();
  const { data, error, refetch } = useQuery(tenantQuery(id));
  const isMissing = error?.code === 'not_found' || error?.code === 'invalid_request';
  return (
    <>
      <BackLink to={paths.tenants}>All tenants</BackLink>
      {data !== undefined && <Tenant key={id} tenant={data} />}
      {data === undefined && error === null && <ListLoading />}
      {isMissing && (
        <EmptyState
          isPage
          icon={<IconBuildingStore />}
          title="There is no such tenant"
          action={
            <Button component={Link} to={paths.tenants}>
              All tenants
            </Button>
          }
        >
          The address may be mistyped.
        </EmptyState>
      )}
      {error !== null && !isMissing && (
        <Group mt="sm">
          <ErrorAlert error={error} onRetry={refetch} />
        </Group>
      )}
    </>
  );
}
