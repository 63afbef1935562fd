import { Alert, Anchor, Badge, Box, Button, Group, Paper, SimpleGrid, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Domain } from '../../../../../contracts/api/tenant/domains.ts';
import { formatTimeShort } from '../../../lib/format.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import tones from '../../../ui/tones.module.css';
import { checkDomain, isOnItsWay } from '../api/domains.ts';
import { partNames, partStateWords, shownRecords, statusWords } from '../domain-words.ts';
import { DomainRecords } from './domain-records.tsx';

/** Time between two checks while somebody looks at a domain that is on its way. */
const AUTOMATIC_CHECK_MS = 30_000;

/** Checks a domain on its way again and again while its page is visible. A failure leaves it to the next time. */
function useAutomaticCheck(domain: Domain): void {
  const { mutate } = useMutation(checkDomain(domain.id));
  const isChecked = isOnItsWay(domain);
  useEffect(() => {
    if (!isChecked) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && mutate(), AUTOMATIC_CHECK_MS);
    return () => clearInterval(timer);
  }, [isChecked, mutate]);
}

/** Ownership, certificate and routing, each with its state in words. */
function Parts({ domain }: { domain: Domain }) {
  return (
    <SimpleGrid component="dl" cols={{ base: 1, sm: 3 }} spacing="lg" m={0} mt="md">
      {(['ownership', 'certificate', 'routing'] as const).map((part) => {
        const { label, tone } = partStateWords[domain[part].state];
        return (
          <div key={part}>
            <Group component="dt" gap={6}>
              <Text size="sm" fw={600} span>
                {partNames[part]}
              </Text>
              <Badge size="sm" className={tones[tone]}>
                {label}
              </Badge>
            </Group>
            <Text component="dd" size="sm" c="dimmed" m={0} mt={4}>
              {domain[part].message}
            </Text>
          </div>
        );
      })}
    </SimpleGrid>
  );
}

function Hostname({ domain: { hostname, status } }: { domain: Domain }) {
  if (status !== 'active') return hostname;
  return (
    <Anchor href={`https://${hostname}`} inherit>
      {hostname}
    </Anchor>
  );
}

const checkedAt = ({ checked_at, created_at }: Domain) =>
  checked_at === null ? `Added ${formatTimeShort(created_at)}` : `Checked ${formatTimeShort(checked_at)}`;

type DomainCardProps = { domain: Domain; onRemove: () => void };

/** A custom domain: its states, the records to set, and its actions. */
export function DomainCard({ domain, onRemove }: DomainCardProps) {
  const { hostname, status, error } = domain;
  const checking = useMutation(checkDomain(domain.id));
  useAutomaticCheck(domain);
  const { label, tone } = statusWords[status];
  const isRemoved = status === 'deleting';
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="article" aria-label={hostname}>
      <Group justify="space-between" align="start" gap="sm">
        <Box miw={0}>
          <Group gap="xs">
            <Title order={2} style={{ overflowWrap: 'anywhere' }}>
              <Hostname domain={domain} />
            </Title>
            <Badge className={tones[tone]}>{label}</Badge>
          </Group>
          <Text size="sm" c="dimmed" role="status">
            {checkedAt(domain)}
          </Text>
        </Box>
        <Group gap="xs">
          {!isRemoved && (
            <Button
              variant="default"
              size="xs"
              leftSection={<IconRefresh size={15} aria-hidden />}
              loading={checking.isPending}
              onClick={() => checking.mutate()}
              aria-label={`Check now: ${hostname}`}
            >
              Check now
            </Button>
          )}
          {!isRemoved && (
            <Button
              variant="default"
              size="xs"
              c="var(--mantine-color-error)"
              leftSection={<IconTrash size={15} aria-hidden />}
              onClick={onRemove}
              aria-label={`Remove ${hostname}`}
            >
              Remove
            </Button>
          )}
        </Group>
      </Group>
      {checking.error !== null && (
        <Box mt="md">
          <ErrorAlert error={checking.error} />
        </Box>
      )}
      {error !== null && (
        <Alert mt="md" color="yellow" variant="light" icon={<IconAlertTriangle aria-hidden />}>
          {error}
        </Alert>
      )}
      {isRemoved ? (
        <Text size="sm" c="dimmed" mt="md">
          The hostname does not answer any more. Its certificate is being removed.
        </Text>
      ) : (
        <>
          <Parts domain={domain} />
          <Title order={3} size="h4" mt="lg" mb="xs">
            DNS records
          </Title>
          <DomainRecords records={shownRecords(domain)} label={`DNS records of ${hostname}`} />
        </>
      )}
    </Paper>
  );
}
