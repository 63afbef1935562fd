import { Button, Group, Paper, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Provider } from '../../../../../contracts/api/catalog.ts';
import type { PublicModelName } from '../../../../../contracts/api/model-names.ts';
import { modelKinds } from '../../../../../contracts/catalog/model-kinds.ts';
import { useCurrency } from '../../../lib/currency.ts';
import { formatTokens, sentenceList } from '../../../lib/format.ts';
import { notify } from '../../../lib/notify.ts';
import { paths } from '../../../lib/paths.ts';
import list from '../../../ui/data-table/list-card.module.css';
import type { CatalogModel } from '../api/catalog.ts';
import {
  missingCapabilities,
  modelProviderName,
  modelStateOf,
  type NamedModel,
  rateOf,
} from '../model-catalog.ts';
import { strategyNames } from '../name-draft.ts';
import classes from './model-group.module.css';
import { ModelStateBadge } from './model-state.tsx';
import { NameDrawer } from './name-drawer.tsx';

function Bounds({ model }: { model: CatalogModel }) {
  const { label, has_output } = modelKinds[model.kind];
  const missing = model.kind === 'chat' ? missingCapabilities(model) : [];
  const bounds = [
    ...(model.kind === 'chat' ? [] : [label]),
    `${formatTokens(model.context_window_tokens)} context`,
    ...(has_output ? [`${formatTokens(model.max_output_tokens)} output`] : []),
    ...(missing.length > 0 ? [`no ${sentenceList(missing.map((name) => name.toLowerCase()))}`] : []),
  ];
  return (
    <Text size="xs" c="dimmed" className="figure">
      {bounds.join(' · ')}
    </Text>
  );
}

type CandidateProps = {
  model: CatalogModel;
  /** Null for the only candidate. */
  place: number | null;
  providers: Provider[];
};

function Candidate({ model, place, providers }: CandidateProps) {
  const { price } = model;
  const currency = useCurrency();
  return (
    <li className={classes.candidate}>
      {place !== null && (
        <Text size="sm" c="dimmed" className="figure">
          {place}.
        </Text>
      )}
      <div>
        <Text size="sm">
          <Link to={paths.model(model.id)} className={list.link}>
            {model.provider_model}
          </Link>
        </Text>
        <Text size="xs" c="dimmed">
          {modelProviderName(model)}
        </Text>
        <Bounds model={model} />
      </div>
      <Text size="sm" className={`${classes.price} figure`}>
        {price === null ? 'No price yet' : rateOf(price, model, currency)}
      </Text>
      <div className={classes.state}>
        <ModelStateBadge state={modelStateOf(model, providers)} />
        {model.list_price_change !== null && <Text size="xs">New list price</Text>}
      </div>
    </li>
  );
}

/** The settings of a name in a few words: its aliases, and the order of several models. */
function NameFacts({ settings, count }: { settings: PublicModelName; count: number }) {
  const { aliases, platform_aliases, strategy, keeps_provider } = settings;
  const all = [...new Set([...aliases, ...platform_aliases])];
  const facts = [
    ...(all.length > 0 ? [`Also ${sentenceList(all)}`] : []),
    ...(count > 1 ? [`${count} candidates`, strategyNames[strategy]] : []),
    ...(keeps_provider ? ['Conversations stay'] : []),
  ];
  return (
    <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
      {facts.join(' · ')}
    </Text>
  );
}

function NameSettings({ settings }: { settings: PublicModelName }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        variant="subtle"
        size="compact-sm"
        aria-label={`Aliases and order of ${settings.name}`}
        onClick={() => setOpen(true)}
      >
        Aliases and order
      </Button>
      {isOpen && (
        <NameDrawer
          name={settings}
          onClose={() => setOpen(false)}
          onDone={() => {
            setOpen(false);
            notify({
              color: 'brand',
              title: 'Saved',
              message: 'The change applies everywhere within a minute.',
            });
          }}
        />
      )}
    </>
  );
}

type ModelGroupProps = {
  model: NamedModel;
  providers: Provider[];
  /** Undefined until it is loaded. */
  settings: PublicModelName | undefined;
};

/** A public name with the models that serve it. */
export function ModelGroup({ model: { name, candidates }, providers, settings }: ModelGroupProps) {
  const id = `model-${candidates[0]?.id}`;
  return (
    <Paper withBorder component="article" aria-labelledby={id}>
      <Group justify="space-between" px="md" py="sm" gap="xs">
        <div>
          <Title order={2} id={id} style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Title>
          {settings !== undefined && <NameFacts settings={settings} count={candidates.length} />}
        </div>
        {settings !== undefined && <NameSettings settings={settings} />}
      </Group>
      <ol className={list.list}>
        {candidates.map((candidate, index) => (
          <Candidate
            key={candidate.id}
            model={candidate}
            place={candidates.length > 1 ? index + 1 : null}
            providers={providers}
          />
        ))}
      </ol>
    </Paper>
  );
}
