import { Alert, Anchor, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { TenantDetail } from '../../../../../contracts/api/platform/tenants.ts';
import { formatDate, formatMicroUsd, formatTimeShort, formatTokens } from '../../../lib/format.ts';
import { nameOf } from '../../../lib/person.ts';
import { Copyable } from '../../../ui/copyable.tsx';
import { TenantState } from './tenant-state.tsx';

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md">
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text fz="1.35rem" fw={660} className="figure" lts="-0.01em">
        {children}
      </Text>
    </Paper>
  );
}

/** A titled part of a tenant's page. */
export function Section({
  title,
  action,
  children,
}: {
  title: string;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section" aria-label={title}>
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} size="h4">
          {title}
        </Title>
        {action}
      </Group>
      {children}
    </Paper>
  );
}

/** Says what the status means, unless the tenant is active. */
export function StatusNote({ tenant }: { tenant: TenantDetail }) {
  const { status, status_reason, status_changed_at, deletion_due_at } = tenant;
  const since = formatTimeShort(status_changed_at);
  if (status === 'suspended')
    return (
      <Alert color="yellow" title={`Suspended since ${since}`}>
        {status_reason}
      </Alert>
    );
  if (status === 'deleting' && deletion_due_at !== null)
    return (
      <Alert color="red" title={`Is erased on ${formatTimeShort(deletion_due_at)}`}>
        Nobody can use it any more. Until then you can restore it.
      </Alert>
    );
  if (status === 'deleted')
    return (
      <Alert color="gray" title={`Deleted on ${since}`}>
        Contents, secrets and personal data are gone. Ledgers and executions stay.
      </Alert>
    );
  return null;
}

/** Users, and executions and cost of this month. */
export const Figures = ({ tenant }: { tenant: TenantDetail }) => (
  <SimpleGrid cols={{ base: 2, xs: 3 }} spacing="sm">
    <Figure label="Users">{formatTokens(tenant.users)}</Figure>
    <Figure label="Executions this month">{formatTokens(tenant.month_executions)}</Figure>
    <Figure label="Cost this month">{formatMicroUsd(tenant.month_cost_micro_usd)}</Figure>
  </SimpleGrid>
);

/** The hostnames of a tenant, each with a link. */
export function Hostnames({ hostnames }: { hostnames: string[] }) {
  const { protocol, port } = window.location;
  return (
    <Stack gap={4}>
      {hostnames.map((hostname) => (
        <Anchor
          key={hostname}
          href={`${protocol}//${hostname}${port === '' ? '' : `:${port}`}`}
          target="_blank"
          rel="noreferrer"
          size="sm"
          underline="always"
        >
          {hostname}
        </Anchor>
      ))}
      {hostnames.length === 0 && (
        <Text size="sm" c="dimmed">
          None
        </Text>
      )}
    </Stack>
  );
}

/** The admins of a tenant. */
export function Admins({ tenant: { admins } }: { tenant: TenantDetail }) {
  if (admins.length === 0)
    return (
      <Text size="sm" c="dimmed">
        None yet. The first admin has not accepted the invitation.
      </Text>
    );
  return (
    <Stack gap="xs">
      {admins.map((admin) => (
        <Group key={admin.id} justify="space-between" gap="xs">
          <div>
            <Text size="sm" fw={550}>
              {nameOf(admin)}
            </Text>
            {admin.name !== null && (
              <Text size="xs" c="dimmed">
                {admin.email}
              </Text>
            )}
          </div>
          {admin.status === 'disabled' && (
            <Text size="xs" c="dimmed">
              Disabled
            </Text>
          )}
        </Group>
      ))}
    </Stack>
  );
}

/** The line below the name of a tenant. */
export const TenantLine = ({ tenant }: { tenant: TenantDetail }) => (
  <Group gap="xs">
    <TenantState status={tenant.status} />
    {tenant.slug} · {tenant.signed_up_at === null ? 'created' : 'signed up'} {formatDate(tenant.created_at)}
    <Copyable value={tenant.id} label="Copy the id" />
  </Group>
);
