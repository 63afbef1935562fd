import { Button, Stack, TextInput } from '@mantine/core';
import { IconCpu, IconPlus, IconSearch } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { useAnswer } from '../../../lib/use-answer.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { fetchProviders } from '../../providers/api/providers.ts';
import { fetchCatalog } from '../api/catalog.ts';
import { ModelDrawer } from '../components/model-drawer.tsx';
import { ModelGroup } from '../components/model-group.tsx';
import { namedModels } from '../model-catalog.ts';

async function load() {
  const [catalog, providers] = await Promise.all([fetchCatalog(), fetchProviders()]);
  return { models: catalog.items, providers: providers.items };
}

function Add({ canAdd, onAdd }: { canAdd: boolean; onAdd: () => void }) {
  if (canAdd)
    return (
      <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={onAdd}>
        New model
      </Button>
    );
  return (
    <Button variant="default" component={Link} to={paths.providers}>
      Add a provider first
    </Button>
  );
}

/** What can be asked for, who serves it, and what it costs. */
export function ModelsPage() {
  const navigate = useNavigate();
  const { value, error, reload } = useAnswer(useCallback(load, []));
  const [params, setParams] = useSearchParams();
  const [isAdding, setAdding] = useState(false);
  const q = params.get('q') ?? '';
  const named = value === null ? null : namedModels(value.models, q);
  const add = value !== null && <Add canAdd={value.providers.length > 0} onAdd={() => setAdding(true)} />;

  return (
    <>
      <PageHeader title="Models" actions={add}>
        What can be asked for, who serves it, and what it costs.
      </PageHeader>
      {value !== null && value.models.length > 0 && (
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
      {error !== null && <ErrorAlert error={error} onRetry={reload} />}
      {value === null && error === null && <ListLoading />}
      {named?.length === 0 && (
        <EmptyState icon={<IconCpu />} title={q === '' ? 'No models yet' : 'No model is found'}>
          {q === ''
            ? 'A model is one way to serve a public name: a provider, and what it calls the model.'
            : `Neither a model nor a provider has “${q}” in its name.`}
        </EmptyState>
      )}
      <Stack>
        {named?.map((model) => (
          <ModelGroup key={model.name} model={model} providers={value?.providers ?? []} />
        ))}
      </Stack>
      {isAdding && value !== null && (
        <ModelDrawer
          model={null}
          providers={value.providers}
          names={[...new Set(value.models.map(({ public_name }) => public_name))]}
          onClose={() => setAdding(false)}
          onDone={({ id }) => navigate(paths.model(id), { state: { isNew: true } })}
        />
      )}
    </>
  );
}
