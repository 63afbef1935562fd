import { ActionIcon, Alert, Button, Group, Menu, Stack } from '@mantine/core';
import { IconBan, IconCircleCheck, IconCpu, IconDots, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation, useNavigate, useParams } from 'react-router';
import type { ModelPrice, Provider } from '../../../../../contracts/api/catalog.ts';
import { formatTimeShort } from '../../../lib/format.ts';
import { notify } from '../../../lib/notify.ts';
import { paths } from '../../../lib/paths.ts';
import { BackLink } from '../../../ui/back-link.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import type { RowsQuery } from '../../../ui/data-table/data-table.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { providersQuery } from '../../providers/api/providers.ts';
import { type CatalogModel, deleteModel, enableModel, modelQuery, pricesQuery } from '../api/catalog.ts';
import { ListPriceNotice } from '../components/list-price-notice.tsx';
import { EditModelDrawer } from '../components/model-drawer.tsx';
import { ModelFacts } from '../components/model-facts.tsx';
import { ModelPrices } from '../components/model-prices.tsx';
import { ModelStateBadge } from '../components/model-state.tsx';
import { PriceDrawer } from '../components/price-drawer.tsx';
import { modelProviderName, modelStateOf } from '../model-catalog.ts';

type Loaded = { model: CatalogModel; prices: ModelPrice[]; providers: Provider[] };

type Opened = 'edit' | 'price' | 'status' | 'delete' | null;

function Actions({ model, onOpen }: { model: CatalogModel; onOpen: (opened: Opened) => void }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <Button variant="default" onClick={() => onOpen('edit')}>
        Edit
      </Button>
      <Menu position="bottom-end" width={190}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More actions">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={model.enabled ? <IconBan size={16} /> : <IconCircleCheck size={16} />}
            onClick={() => onOpen('status')}
          >
            {model.enabled ? 'Disable' : 'Enable'}
          </Menu.Item>
          {model.price === null && (
            <Menu.Item
              c="var(--mantine-color-error)"
              leftSection={<IconTrash size={16} />}
              onClick={() => onOpen('delete')}
            >
              Delete
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

type DialogProps = {
  opened: Opened;
  loaded: Loaded;
  isOwn: boolean;
  onClose: () => void;
  onDone: (notice: string) => void;
  onDeleted: () => void;
};

function Dialog({ opened, loaded, isOwn, onClose, onDone, onDeleted }: DialogProps) {
  const { model, prices, providers } = loaded;
  const { id, public_name, provider_model, enabled } = model;
  switch (opened) {
    case null:
      return null;
    case 'edit':
      return (
        <EditModelDrawer
          model={model}
          providers={providers}
          onClose={onClose}
          onDone={() => onDone('The change applies everywhere within a minute.')}
        />
      );
    case 'price':
      return (
        <PriceDrawer
          model={model}
          isOwn={isOwn}
          newest={prices[0] ?? null}
          onClose={onClose}
          onDone={({ version, effective_from }) =>
            onDone(`Version ${version} applies from ${formatTimeShort(effective_from)}.`)
          }
        />
      );
    case 'status':
      return (
        <ConfirmDialog
          title={`${enabled ? 'Disable' : 'Enable'} ${provider_model} for ${public_name}?`}
          action={enabled ? 'Disable' : 'Enable'}
          isGrave={enabled}
          mutation={enableModel(id, !enabled)}
          onClose={onClose}
          onDone={() => onDone(`${provider_model} is ${enabled ? 'disabled' : 'enabled'}.`)}
        >
          {enabled
            ? 'Requests go to the next candidate with this public name. Without one they are refused. Running executions continue.'
            : 'It receives requests again within a minute.'}
        </ConfirmDialog>
      );
    case 'delete':
      return (
        <ConfirmDialog
          title={`Delete ${provider_model} for ${public_name}?`}
          action="Delete"
          isGrave
          mutation={deleteModel(id)}
          onClose={onClose}
          onDone={onDeleted}
        >
          This model never had a price, so no execution used it.
        </ConfirmDialog>
      );
  }
}

type ModelProps = { loaded: Loaded; prices: RowsQuery<ModelPrice> };

function Model({ loaded, prices }: ModelProps) {
  const isPlatform = useUser().role === 'superadmin';
  const navigate = useNavigate();
  const { state } = useLocation();
  const { model, providers } = loaded;
  const isNew = state?.isNew === true && loaded.prices.length === 0;
  const [opened, setOpened] = useState<Opened>(isNew ? 'price' : null);
  const isOwn = isPlatform || model.owner === 'tenant';

  return (
    <>
      <PageHeader title={model.public_name} actions={isOwn && <Actions model={model} onOpen={setOpened} />}>
        <Group gap="xs">
          <ModelStateBadge state={modelStateOf(model, providers)} />
          {modelProviderName(model)} · {model.provider_model}
        </Group>
      </PageHeader>
      <Stack gap="xl">
        <Stack gap="sm">
          {!isOwn && (
            <Alert color="gray" title="The platform’s model">
              You cannot change this model. You can set the price that your users pay; it replaces the
              platform’s price. The platform’s cost cannot be changed here.
            </Alert>
          )}
          {isOwn && (
            <ListPriceNotice
              model={model}
              onDone={(message) => notify({ color: 'brand', title: 'Saved', message })}
            />
          )}
          <ModelFacts model={model} />
        </Stack>
        <ModelPrices model={model} prices={prices} isOwn={isOwn} onPrice={() => setOpened('price')} />
      </Stack>
      <Dialog
        opened={opened}
        loaded={loaded}
        isOwn={isOwn}
        onClose={() => setOpened(null)}
        onDone={(message) => {
          setOpened(null);
          notify({ color: 'brand', title: 'Saved', message });
        }}
        onDeleted={() => navigate(paths.models)}
      />
    </>
  );
}

const Missing = () => (
  <EmptyState
    isPage
    icon={<IconCpu />}
    title="Model not found"
    action={
      <Button component={Link} to={paths.models}>
        All models
      </Button>
    }
  >
    It may belong to another tenant, or the address may be mistyped.
  </EmptyState>
);

/** One model: its facts and all versions of its price. */
export function ModelPage() {
  const { id = '' } = useParams();
  const model = useQuery(modelQuery(id));
  const prices = useQuery(pricesQuery(id));
  const providers = useQuery(providersQuery);
  const queries = [model, prices, providers];
  const error = queries.find((query) => query.error !== null)?.error ?? null;
  const isMissing = error?.code === 'not_found' || error?.code === 'invalid_request';
  const retry = () => queries.filter((query) => query.error !== null).map((query) => query.refetch());
  const isLoaded = model.data !== undefined && prices.data !== undefined && providers.data !== undefined;
  return (
    <>
      <BackLink to={paths.models}>All models</BackLink>
      {isMissing && <Missing />}
      {isLoaded && !isMissing && (
        <Model
          key={id}
          loaded={{ model: model.data, prices: prices.data, providers: providers.data }}
          prices={prices}
        />
      )}
      {!isLoaded && error === null && <ListLoading />}
      {error !== null && !isMissing && <ErrorAlert error={error} onRetry={retry} />}
    </>
  );
}
