import { Button, Stack } from '@mantine/core';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Provider } from '../../../../../contracts/api/catalog.ts';
import { moved } from '../../../lib/moved.ts';
import { notify } from '../../../lib/notify.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { MissingFeature } from '../../levels/components/missing-feature.tsx';
import { useFeature } from '../../levels/use-feature.ts';
import { deleteProvider, enableProvider, orderProviders, providersQuery } from '../api/providers.ts';
import { EditProviderDrawer, NewProviderDrawer } from '../components/provider-drawer.tsx';
import { type ProviderAction, ProviderList } from '../components/provider-list.tsx';

type Opened = { provider: Provider; action: ProviderAction } | 'new' | null;
type DialogProps = { opened: Opened; onClose: () => void; onDone: (notice: string) => void };

const modelsOf = ({ model_count }: Provider) => `${model_count} ${model_count === 1 ? 'model' : 'models'}`;

function Dialog({ opened, onClose, onDone }: DialogProps) {
  if (opened === null) return null;
  const saved = ({ name }: Provider) => onDone(`${name} is saved.`);
  if (opened === 'new') return <NewProviderDrawer onClose={onClose} onDone={saved} />;
  const { provider, action } = opened;
  const { id, name } = provider;
  switch (action) {
    case 'edit':
      return <EditProviderDrawer provider={provider} onClose={onClose} onDone={saved} />;
    case 'delete':
      return (
        <ConfirmDialog
          title={`Delete ${name}?`}
          action="Delete"
          isGrave
          mutation={deleteProvider(id)}
          onClose={onClose}
          onDone={() => onDone(`${name} is deleted.`)}
        >
          The provider has no models. Its key is deleted too.
        </ConfirmDialog>
      );
    case 'disable':
      return (
        <ConfirmDialog
          title={`Disable ${name}?`}
          action="Disable"
          isGrave
          mutation={enableProvider(id, false)}
          onClose={onClose}
          onDone={() => onDone(`${name} is disabled.`)}
        >
          Requests for its {modelsOf(provider)} go to other providers. Without one they are refused. Running
          executions continue.
        </ConfirmDialog>
      );
    case 'enable':
      return (
        <ConfirmDialog
          title={`Enable ${name}?`}
          action="Enable"
          mutation={enableProvider(id, true)}
          onClose={onClose}
          onDone={() => onDone(`${name} is enabled.`)}
        >
          The provider receives requests for its models again within a minute.
        </ConfirmDialog>
      );
  }
}

/** The AI providers of the tenant. For superadmins, those of the platform. */
export function ProvidersPage() {
  const isPlatform = useUser().role === 'superadmin';
  const providers = useQuery(providersQuery);
  const ordering = useMutation(orderProviders);
  const [opened, setOpened] = useState<Opened>(null);
  const items = providers.data ?? [];
  const canAdd = useFeature('own_providers');

  function move(provider: Provider, by: 1 | -1) {
    const ids = moved(
      items.map(({ id }) => id),
      items.findIndex(({ id }) => id === provider.id),
      by,
    );
    if (ids !== null) ordering.mutate(ids);
  }

  const add = canAdd && (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setOpened('new')}>
      New provider
    </Button>
  );

  return (
    <>
      <PageHeader title="Providers" actions={items.length > 0 && add}>
        {isPlatform
          ? 'Providers for every tenant, tried from top to bottom.'
          : 'Your own providers, tried from top to bottom. The platform’s providers are available too.'}
      </PageHeader>
      <MissingFeature name="own_providers" />
      <Stack gap="md">
        {ordering.error !== null && <ErrorAlert error={ordering.error} />}
        <ProviderList
          query={providers}
          isMoving={ordering.isPending}
          onMove={move}
          onAct={(provider, action) => setOpened({ provider, action })}
          empty={
            <EmptyState icon={<IconPlugConnected />} title="No providers of your own" action={add}>
              {isPlatform
                ? 'Add a provider to run executions.'
                : 'The platform’s providers serve your requests. Add your own to pay a provider directly, or to connect your own server.'}
            </EmptyState>
          }
        />
      </Stack>
      <Dialog
        opened={opened}
        onClose={() => setOpened(null)}
        onDone={(message) => {
          setOpened(null);
          notify({ color: 'brand', title: 'Saved', message });
        }}
      />
    </>
  );
}
