import { Paper, SimpleGrid, Text } from '@mantine/core';
import { formatTimeShort, formatTokens, listOf } from '../../../lib/format.ts';
import type { CatalogModel } from '../api/catalog.ts';
import { missingCapabilities, providerNameOf } from '../model-catalog.ts';

/** What a model is and can. */
export function ModelFacts({ model }: { model: CatalogModel }) {
  const missing = missingCapabilities(model);
  const facts = [
    ['Provider', providerNameOf(model)],
    ['Called there', model.provider_model],
    ['Context window', `${formatTokens(model.context_window_tokens)} tokens`],
    ['Longest output', `${formatTokens(model.max_output_tokens)} tokens`],
    ['Cannot do', missing.length === 0 ? 'Nothing its provider can' : listOf(missing)],
    ['Priority', formatTokens(model.priority)],
    ['Unchanged since', formatTimeShort(model.updated_at)],
  ] as const;
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
