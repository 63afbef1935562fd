import { ActionIcon, Alert, Button, Group, Menu, Stack } from '@mantine/core';
import { IconBan, IconCircleCheck, IconCpu, IconDots, IconTrash } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import { Link, useLocation, useNavigate, useParams } from 'react-router';
import type { ModelPrice, Provider } from '../../../../../contracts/api/catalog.ts';
import { formatTimeShort } from '../../../lib/format.ts';
import { notify } from '../../../lib/notify.ts';
import { paths } from '../../../lib/paths.ts';
import { useAnswer } from '../../../lib/use-answer.ts';
import { BackLink } from '../../../ui/back-link.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { fetchProviders } from '../../providers/api/providers.ts';
import {
  type CatalogModel,
  deleteModel,
  fetchCatalogModel,
  fetchPrices,
  patchModel,
} from '../api/catalog.ts';
import { ModelDrawer } from '../components/model-drawer.tsx';
import { ModelFacts } from '../components/model-facts.tsx';
import { ModelPrices } from '../components/model-prices.tsx';
import { ModelStateBadge } from '../components/model-state.tsx';
import { PriceDrawer } from '../components/price-drawer.tsx';
import { modelStateOf, providerNameOf } from '../model-catalog.ts';

type Loaded = { model: CatalogModel; prices: ModelPrice[]; providers: Provider[] };

async function load(id: string): Promise<Loaded> {
  const [model, prices, providers] = await Promise.all([
    fetchCatalogModel(id),
    fetchPrices(id),
    fetchProviders(),
  ]);
  return { model, prices: prices.items, providers: providers.items };
}

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
  const { id, public_name, enabled } = model;
  switch (opened) {
    case null:
      return null;
    case 'edit':
      return (
        <ModelDrawer
          model={model}
          providers={providers}
          names={[]}
          onClose={onClose}
          onDone={() => onDone('Here at once, elsewhere within a minute.')}
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
            onDone(`Version ${version} holds from ${formatTimeShort(effective_from)}.`)
          }
        />
      );
    case 'status':
      return (
        <ConfirmDialog
          title={enabled ? `Disable this way to serve ${public_name}?` : `Enable it for ${public_name}?`}
          action={enabled ? 'Disable' : 'Enable'}
          isGrave={enabled}
          mutation={{ mutationFn: () => patchModel(id, { enabled: !enabled }) }}
          onClose={onClose}
          onDone={() => onDone(enabled ? 'It is served by others, or by nobody.' : 'It is served again.')}
        >
          {enabled
            ? 'Requests go to the next candidate of that name. Without one they are refused. What is running goes on.'
            : 'Requests may be answered by it again, within a minute everywhere.'}
        </ConfirmDialog>
      );
    case 'delete':
      return (
        <ConfirmDialog
          title={`Delete this way to serve ${public_name}?`}
          action="Delete"
          isGrave
          mutation={{ mutationFn: () => deleteModel(id) }}
          onClose={onClose}
          onDone={onDeleted}
        >
          It was never priced, so it was never used: nothing refers to it.
        </ConfirmDialog>
      );
  }
}

function Model({ loaded, onChange }: { loaded: Loaded; onChange: () => void }) {
  const isPlatform = useUser().role === 'superadmin';
  const navigate = useNavigate();
  const { state } = useLocation();
  const { model, prices, providers } = loaded;
  const isNew = state?.isNew === true && prices.length === 0;
  const [opened, setOpened] = useState<Opened>(isNew ? 'price' : null);
  const isOwn = isPlatform || model.owner === 'tenant';

  return (
    <>
      <PageHeader title={model.public_name} actions={isOwn && <Actions model={model} onOpen={setOpened} />}>
        <Group gap="xs">
          <ModelStateBadge state={modelStateOf(model, providers)} />
          {providerNameOf(model)} · {model.provider_model}
        </Group>
      </PageHeader>
      <Stack gap="xl">
        <Stack gap="sm">
          {!isOwn && (
            <Alert color="gray" title="The platform’s model">
              It is as the platform made it. What your users pay for it is yours to decide: your prices go
              before the platform’s. What it costs the platform is not.
            </Alert>
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
          onChange();
          notify({ color: 'brand', title: 'Saved', message });
        }}
        onDeleted={() => navigate(paths.models)}
      />
    </>
  );
}

/** One way to serve a public name: what it can, and every version of its price. */
export function ModelPage() {
  const { id = '' } = useParams();
  const { value, error, reload } = useAnswer(useCallback(() => load(id), [id]));
  const isMissing = error?.code === 'not_found' || error?.code === 'invalid_request';
  return (
    <>
      <BackLink to={paths.models}>All models</BackLink>
      {value !== null && <Model loaded={value} onChange={reload} />}
      {value === null && error === null && <ListLoading />}
      {isMissing && (
        <EmptyState
          isPage
          icon={<IconCpu />}
          title="There is no such model"
          action={
            <Button component={Link} to={paths.models}>
              All models
            </Button>
          }
        >
          It may belong to another tenant, or the address may be mistyped.
        </EmptyState>
      )}
      {error !== null && !isMissing && <ErrorAlert error={error} onRetry={reload} />}
    </>
  );
}
