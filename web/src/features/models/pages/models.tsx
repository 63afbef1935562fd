import { Button, Stack, TextInput } from '@mantine/core';
import { IconCpu, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { notify } from '../../../lib/notify.ts';
import { paths } from '../../../lib/paths.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { providersQuery } from '../../providers/api/providers.ts';
import { catalogQuery } from '../api/catalog.ts';
import { modelNamesQuery } from '../api/model-names.ts';
import { NewModelDrawer } from '../components/model-drawer.tsx';
import { ModelGroup } from '../components/model-group.tsx';
import { AddModelButtons, PickModelsDrawer } from '../components/pick-models-drawer.tsx';
import { namedModels } from '../model-catalog.ts';

type AddProps = { canAdd: boolean; onPick: () => void; onCustom: () => void };

function Add({ canAdd, onPick, onCustom }: AddProps) {
  if (canAdd) return <AddModelButtons onPick={onPick} onCustom={onCustom} />;
  return (
    <Button variant="default" component={Link} to={paths.providers}>
      Add a provider first
    </Button>
  );
}

/** The models that users can request, with their providers and prices. */
export function ModelsPage() {
  const navigate = useNavigate();
  const catalog = useQuery(catalogQuery);
  const names = useQuery(modelNamesQuery);
  const { data: providers, ...ofProviders } = useQuery(providersQuery);
  const [params, setParams] = useSearchParams();
  const [isAdding, setAdding] = useState(false);
  const q = params.get('q') ?? '';
  /** The id of the provider to add models of, or null. */
  const picksFor = params.get('add');
  const closePicker = () => setParams({}, { replace: true });
  const models = providers === undefined ? undefined : catalog.data;
  const error = catalog.error ?? names.error ?? ofProviders.error;
  const named = models && namedModels(models, q);

  return (
    <>
      <PageHeader
        title="Models"
        actions={
          providers !== undefined &&
          models !== undefined && (
            <Add
              canAdd={providers.length > 0}
              onPick={() => setParams({ add: providers[0]?.id ?? '' }, { replace: true })}
              onCustom={() => setAdding(true)}
            />
          )
        }
      >
        Models your users can request, with their providers and prices.
      </PageHeader>
      {models !== undefined && models.length > 0 && (
        <TextInput
          type="search"
          aria-label="Search by name or provider"
          placeholder="Name or provider"
          leftSection={<IconSearch size={16} aria-hidden />}
          maxLength={200}
          maw={360}
          mb="md"
          value={q}
          onChange={({ currentTarget: { value: typed } }) =>
            setParams(typed === '' ? {} : { q: typed }, { replace: true })
          }
        />
      )}
      {error !== null && (
        <ErrorAlert
          error={error}
          onRetry={() => [catalog, names, ofProviders].filter((one) => one.error).map((one) => one.refetch())}
        />
      )}
      {models === undefined && error === null && <ListLoading />}
      {named?.length === 0 && (
        <EmptyState icon={<IconCpu />} title={q === '' ? 'No models yet' : 'No models found'}>
          {q === ''
            ? 'Add a model to make it available under a public name.'
            : `No name of a model or provider contains “${q}”.`}
        </EmptyState>
      )}
      <Stack>
        {named?.map((model) => (
          <ModelGroup
            key={model.name}
            model={model}
            providers={providers ?? []}
            settings={names.data?.find(({ name }) => name === model.name)}
          />
        ))}
      </Stack>
      {picksFor !== null && providers !== undefined && providers.length > 0 && (
        <PickModelsDrawer
          providers={providers}
          providerId={picksFor}
          onClose={closePicker}
          onDone={(count) => {
            closePicker();
            const message = count === 1 ? 'The model is available.' : `${count} models are available.`;
            notify({ color: 'brand', title: 'Added', message });
          }}
        />
      )}
      {isAdding && providers !== undefined && models !== undefined && (
        <NewModelDrawer
          providers={providers}
          publicNames={[...new Set(models.map(({ public_name }) => public_name))]}
          onClose={() => setAdding(false)}
          onDone={({ id }) => navigate(paths.model(id), { state: { isNew: true } })}
        />
      )}
    </>
  );
}
