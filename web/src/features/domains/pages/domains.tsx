import { Alert, Button, Stack } from '@mantine/core';
import { IconFlask, IconPlus, IconWorld } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Domain } from '../../../../../contracts/api/tenant/domains.ts';
import { notify } from '../../../lib/notify.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { domainsQuery } from '../api/domains.ts';
import { DomainCard } from '../components/domain-card.tsx';
import { AddDomainDialog, RemoveDomainDialog } from '../components/domain-dialogs.tsx';

const say = (title: string, message: string) => notify({ color: 'brand', title, message });

const AddButton = ({ onAdd }: { onAdd: () => void }) => (
  <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={onAdd}>
    Add a domain
  </Button>
);

/** The custom domains of the tenant. */
export function DomainsPage() {
  const { branding } = useTenant();
  const { data, error, refetch } = useQuery(domainsQuery);
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<Domain | null>(null);
  const isOffered = data !== undefined && data.target !== null;
  const add = <AddButton onAdd={() => setAdding(true)} />;
  return (
    <>
      <PageHeader title="Domains" actions={isOffered && data.items.length > 0 && add}>
        Your own hostnames for {branding.name}, for the app and for the API.
      </PageHeader>
      {error !== null && <ErrorAlert error={error} onRetry={refetch} />}
      {data === undefined && error === null && <ListLoading />}
      <Stack>
        {data?.simulated && (
          <Alert icon={<IconFlask aria-hidden />} color="gray" title="Simulated">
            DNS and certificates are simulated on this machine. Set records at the simulator
            (docs/simulators.md).
          </Alert>
        )}
        {data !== undefined && data.target === null && (
          <EmptyState icon={<IconWorld />} title="Custom domains are not available">
            This platform offers none. Ask its owner to set them up.
          </EmptyState>
        )}
        {isOffered && data.items.length === 0 && (
          <EmptyState icon={<IconWorld />} title="No domains yet" action={add}>
            Serve the app and the API at a hostname of your own. You need access to its DNS.
          </EmptyState>
        )}
        {data?.items.map((domain) => (
          <DomainCard key={domain.id} domain={domain} onRemove={() => setRemoved(domain)} />
        ))}
      </Stack>
      {isAdding && (
        <AddDomainDialog
          onClose={() => setAdding(false)}
          onDone={({ hostname }) => {
            setAdding(false);
            say(`${hostname} is added`, 'Set the DNS records that are shown with it.');
          }}
        />
      )}
      {removed !== null && (
        <RemoveDomainDialog
          domain={removed}
          onClose={() => setRemoved(null)}
          onDone={() => {
            setRemoved(null);
            say('Removed', `${removed.hostname} does not answer any more.`);
          }}
        />
      )}
    </>
  );
}
