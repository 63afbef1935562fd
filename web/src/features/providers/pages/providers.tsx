import { Button } from '@mantine/core';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { Provider } from '../../../../../contracts/api/catalog.ts';
import { notify } from '../../../lib/notify.ts';
import { useAnswer } from '../../../lib/use-answer.ts';
import { useSending } from '../../../lib/use-sending.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { deleteProvider, fetchProviders, patchProvider, putProviderOrder } from '../api/providers.ts';
import { ProviderDrawer } from '../components/provider-drawer.tsx';
import { type ProviderAction, ProviderList } from '../components/provider-list.tsx';
import { moved } from '../order.ts';

type DialogProps = {
  provider: Provider | null;
  action: ProviderAction | 'new';
  onClose: () => void;
  onDone: (notice: string) => void;
};

function Dialog({ provider, action, onClose, onDone }: DialogProps) {
  if (provider === null || action === 'new' || action === 'edit') {
    return (
      <ProviderDrawer
        provider={provider}
        onClose={onClose}
        onDone={({ name }) => onDone(`${name} is saved.`)}
      />
    );
  }
  const { id, name, model_count } = provider;
  if (action === 'delete') {
    return (
      <ConfirmDialog
        title={`Delete ${name}?`}
        action="Delete"
        isGrave
        mutation={{ mutationFn: () => deleteProvider(id) }}
        onClose={onClose}
        onDone={() => onDone(`${name} is deleted.`)}
      >
        It serves no model. Its key is deleted with it.
      </ConfirmDialog>
    );
  }
  const disables = action === 'disable';
  return (
    <ConfirmDialog
      title={disables ? `Disable ${name}?` : `Enable ${name}?`}
      action={disables ? 'Disable' : 'Enable'}
      isGrave={disables}
      mutation={{ mutationFn: () => patchProvider(id, { enabled: !disables }) }}
      onClose={onClose}
      onDone={() => onDone(`${name} is ${disables ? 'disabled' : 'enabled'}.`)}
    >
      {disables
        ? `Its ${model_count === 1 ? 'model is' : `${model_count} models are`} served by others from now on, or by nobody. What is running goes on.`
        : 'Its models are served by it again, within a minute everywhere.'}
    </ConfirmDialog>
  );
}

/** Who answers: the AI providers of the tenant; for superadmins, those of the platform. */
export function ProvidersPage() {
  const isPlatform = useUser().role === 'superadmin';
  const { value, error, reload, replace } = useAnswer(fetchProviders);
  const [opened, setOpened] = useState<Pick<DialogProps, 'provider' | 'action'> | null>(null);
  const ordering = useSending();
  const items = value?.items ?? null;

  function move(index: number, by: 1 | -1) {
    const next = moved(items ?? [], index, by);
    if (next === null) return;
    ordering.send(
      () => putProviderOrder(next.map(({ id }) => id)),
      () => {
        replace({ items: next });
        reload();
      },
    );
  }

  const add = (
    <Button
      leftSection={<IconPlus size={17} aria-hidden />}
      onClick={() => setOpened({ provider: null, action: 'new' })}
    >
      New provider
    </Button>
  );

  return (
    <>
      <PageHeader title="Providers" actions={items !== null && items.length > 0 && add}>
        {isPlatform
          ? 'Who answers for every tenant, tried from the top.'
          : 'Who answers with your own keys, tried from the top. The platform’s providers serve you as well.'}
      </PageHeader>
      {ordering.error !== null && <ErrorAlert error={ordering.error} />}
      {error !== null && <ErrorAlert error={error} onRetry={reload} />}
      {items === null && error === null && <ListLoading />}
      {items?.length === 0 && (
        <EmptyState icon={<IconPlugConnected />} title="No providers of your own" action={add}>
          {isPlatform
            ? 'Nobody can run anything until there is one.'
            : 'You are served by the platform’s. Bring your own key to pay a provider directly, or to add a server of yours.'}
        </EmptyState>
      )}
      {items !== null && items.length > 0 && (
        <ProviderList
          items={items}
          isMoving={ordering.isSending}
          onMove={move}
          onAct={(provider, action) => setOpened({ provider, action })}
        />
      )}
      {opened !== null && (
        <Dialog
          {...opened}
          onClose={() => setOpened(null)}
          onDone={(message) => {
            setOpened(null);
            reload();
            notify({ color: 'brand', title: 'Saved', message });
          }}
        />
      )}
    </>
  );
}
