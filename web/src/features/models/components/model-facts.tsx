import { Paper, SimpleGrid, Text } from '@mantine/core';
import { modelKinds } from '../../../../../contracts/catalog/model-kinds.ts';
import { formatTimeShort, formatTokens, sentenceList } from '../../../lib/format.ts';
import type { CatalogModel } from '../api/catalog.ts';
import { missingCapabilities, modelProviderName } from '../model-catalog.ts';

/** Facts about a model. */
export function ModelFacts({ model }: { model: CatalogModel }) {
  const missing = missingCapabilities(model);
  const { label, has_output } = modelKinds[model.kind];
  const facts = [
    ['Kind', label],
    ['Provider', modelProviderName(model)],
    ['Model ID', model.provider_model],
    ['Context window', `${formatTokens(model.context_window_tokens)} tokens`],
    ...(has_output ? [['Max output', `${formatTokens(model.max_output_tokens)} tokens`]] : []),
    ...(model.kind === 'chat'
      ? [
          [
            'Capabilities',
            missing.length === 0 ? 'All that the provider offers' : `All but ${sentenceList(missing)}`,
          ],
        ]
      : []),
    ['Priority', formatTokens(model.priority)],
    ['Weight', formatTokens(model.weight)],
    ['Last changed', formatTimeShort(model.updated_at)],
  ];
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }}>
      <SimpleGrid component="dl" cols={{ base: 2, sm: 4 }} spacing="md" m={0}>
        {facts.map(([label, fact]) => (
          <div key={label}>
            <Text component="dt" size="xs" c="dimmed" fw={550}>
              {label}
            </Text>
            <Text
              component="dd"
              size="sm"
              fw={600}
              m={0}
              className="figure"
              style={{ overflowWrap: 'anywhere' }}
            >
              {fact}
            </Text>
          </div>
        ))}
      </SimpleGrid>
    </Paper>
  );
}
