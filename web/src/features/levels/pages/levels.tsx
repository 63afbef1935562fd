import { Stack } from '@mantine/core';
import { IconStairs } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Level } from '../../../../../contracts/api/policies.ts';
import { notify } from '../../../lib/notify.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { rolloutSentence } from '../../policy/policy-words.ts';
import { levelsQuery } from '../api/levels.ts';
import { LevelCard } from '../components/level-card.tsx';
import { LevelModelsDrawer } from '../components/level-models-drawer.tsx';
import { LevelPolicyDrawer } from '../components/level-policy-drawer.tsx';

/** The tenant's levels, each with its models and its policy. */
export function LevelsPage() {
  const { data: levels, error, refetch } = useQuery(levelsQuery);
  const [edited, setEdited] = useState<{ level: Level; part: 'policy' | 'models' } | null>(null);
  const close = () => setEdited(null);

  function finish(title: string, message: string) {
    close();
    notify({ color: 'brand', title, message });
  }

  return (
    <>
      <PageHeader title="Levels">Models and tokens for each level.</PageHeader>
      {error !== null && <ErrorAlert error={error} onRetry={refetch} />}
      {levels === undefined && error === null && <ListLoading />}
      {levels?.length === 0 && (
        <EmptyState icon={<IconStairs />} title="No levels yet">
          Levels are set up together with the tenant.
        </EmptyState>
      )}
      <Stack>
        {levels?.map((level) => (
          <LevelCard
            key={level.id}
            level={level}
            onEdit={() => setEdited({ level, part: 'policy' })}
            onEditModels={() => setEdited({ level, part: 'models' })}
          />
        ))}
      </Stack>
      {edited?.part === 'policy' && (
        <LevelPolicyDrawer
          level={edited.level}
          onClose={close}
          onDone={({ level, rollout }) =>
            finish(`The policy of ${level.name} is changed`, rolloutSentence(rollout))
          }
        />
      )}
      {edited?.part === 'models' && (
        <LevelModelsDrawer
          level={edited.level}
          onClose={close}
          onDone={({ name }) =>
            finish(`The models of ${name} are changed`, 'The change applies everywhere within a minute.')
          }
        />
      )}
    </>
  );
}
