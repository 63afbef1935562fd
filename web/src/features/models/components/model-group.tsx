import { Group, Paper, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import type { Provider } from '../../../../../contracts/api/catalog.ts';
import { modelKinds } from '../../../../../contracts/catalog/model-kinds.ts';
import { formatTokens, sentenceList } from '../../../lib/format.ts';
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
import classes from './model-group.module.css';
import { ModelStateBadge } from './model-state.tsx';

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
        {price === null ? 'No price yet' : rateOf(price, model)}
      </Text>
      <div className={classes.state}>
        <ModelStateBadge state={modelStateOf(model, providers)} />
      </div>
    </li>
  );
}

type ModelGroupProps = { model: NamedModel; providers: Provider[] };

/** A public name with the models that serve it. */
export function ModelGroup({ model: { name, candidates }, providers }: ModelGroupProps) {
  const id = `model-${candidates[0]?.id}`;
  return (
    <Paper withBorder component="article" aria-labelledby={id}>
      <Group justify="space-between" px="md" py="sm" gap="xs">
        <Title order={2} id={id} style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Title>
        {candidates.length > 1 && (
          <Text size="xs" c="dimmed">
            {candidates.length} candidates, tried in this order
          </Text>
        )}
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
