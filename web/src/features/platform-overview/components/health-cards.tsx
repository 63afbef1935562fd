import { Anchor, Group, Paper, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type {
  FailingProvider,
  OpenDrift,
  PlatformHealth,
  ReportedTenant,
  SuspendedTenant,
} from '../../../../../contracts/api/platform/platform.ts';
import { formatTimeShort, formatTokens, sentence } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { healthQuery } from '../api/platform.ts';
import classes from './health-cards.module.css';

const COLUMNS = { base: 1, sm: 3 };
/** The items that a card shows. */
const SHOWN = 5;

const TenantLink = ({ tenant }: { tenant: ReportedTenant }) => (
  <Anchor component={Link} to={paths.tenant(tenant.id)} size="sm" fw={550}>
    {tenant.name}
  </Anchor>
);

const Detail = ({ children }: { children: ReactNode }) => (
  <Text size="xs" c="dimmed" component="div">
    {children}
  </Text>
);

const Failing = ({ tenant, provider_name, key_owner, ...figures }: FailingProvider) => (
  <div>
    <Text size="sm" component="div">
      <b>{provider_name}</b> for <TenantLink tenant={tenant} />
    </Text>
    <Detail>
      {formatTokens(figures.failures)} of {formatTokens(figures.calls)} calls failed,{' '}
      {formatTokens(figures.recent_failures)} of {formatTokens(figures.recent_calls)} in this and the last
      hour. {sentence(figures.last_failure)} at {formatTimeShort(figures.last_failed_at)}
      {key_owner === 'tenant' && ', on a key of the tenant'}.
    </Detail>
  </div>
);

const Drift = ({ tenant, user_id, differences, checked_at }: OpenDrift) => (
  <div>
    <Text size="sm" component="div">
      <TenantLink tenant={tenant} />
      {': '}
      {user_id === null ? (
        'the budget'
      ) : (
        <Anchor component={Link} to={paths.user(user_id)} size="sm">
          a user’s wallet
        </Anchor>
      )}
    </Text>
    <Detail>
      {differences.map(sentence).join(', ')}. Checked {formatTimeShort(checked_at)}.
    </Detail>
  </div>
);

const Suspended = ({ tenant, reason, suspended_at }: SuspendedTenant) => (
  <div>
    <TenantLink tenant={tenant} />
    <Detail>
      Since {formatTimeShort(suspended_at)}. {reason}
    </Detail>
  </div>
);

type CardProps = {
  title: string;
  total: number;
  /** Said when there is nothing. */
  fine: string;
  children: ReactNode[];
  more: { to: string; label: string } | null;
};

function Card({ title, total, fine, children, more }: CardProps) {
  const Icon = total === 0 ? IconCircleCheck : IconAlertTriangle;
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Group gap="xs" mb="xs" wrap="nowrap">
        <Icon size={18} aria-hidden className={total === 0 ? classes.fine : classes.attention} />
        <Title order={2} size="h4">
          {title}
        </Title>
        {total > 0 && (
          <Text size="sm" c="dimmed" className="figure">
            {formatTokens(total)}
          </Text>
        )}
      </Group>
      {total === 0 ? (
        <Text size="sm" c="dimmed">
          {fine}
        </Text>
      ) : (
        <Stack gap="sm">{children.slice(0, SHOWN)}</Stack>
      )}
      {total > SHOWN && (
        <Text size="xs" c="dimmed" mt="sm">
          And {formatTokens(total - SHOWN)} more.{' '}
          {more !== null && (
            <Anchor component={Link} to={more.to} size="xs">
              {more.label}
            </Anchor>
          )}
        </Text>
      )}
    </Paper>
  );
}

const Cards = ({ failing_providers, open_drifts, suspended_tenants, totals }: PlatformHealth) => (
  <SimpleGrid cols={COLUMNS} spacing="sm">
    <Card
      title="Failing providers"
      total={totals.failing_providers}
      fine="No provider call failed in the last 24 hours."
      more={null}
    >
      {failing_providers.map((failing) => (
        <Failing key={`${failing.tenant.id} ${failing.provider_id}`} {...failing} />
      ))}
    </Card>
    <Card
      title="Open differences"
      total={totals.open_drifts}
      fine="Every checked wallet agrees with its ledger."
      more={{ to: paths.reconciliation, label: 'All checks' }}
    >
      {open_drifts.map((drift) => (
        <Drift key={`${drift.tenant.id} ${drift.user_id}`} {...drift} />
      ))}
    </Card>
    <Card
      title="Suspended tenants"
      total={totals.suspended_tenants}
      fine="No tenant is suspended."
      more={{ to: `${paths.tenants}?status=suspended`, label: 'All suspended tenants' }}
    >
      {suspended_tenants.map((suspended) => (
        <Suspended key={suspended.tenant.id} {...suspended} />
      ))}
    </Card>
  </SimpleGrid>
);

/** Items that need a superadmin: failing providers, wallets with a difference and suspended tenants. */
export function HealthCards() {
  const { data, error, refetch } = useQuery(healthQuery);
  if (data !== undefined) return <Cards {...data} />;
  if (error !== null) return <ErrorAlert error={error} onRetry={refetch} />;
  return (
    <SimpleGrid cols={COLUMNS} spacing="sm" aria-busy>
      {['providers', 'differences', 'tenants'].map((name) => (
        <Skeleton key={name} h={110} radius="lg" />
      ))}
    </SimpleGrid>
  );
}
