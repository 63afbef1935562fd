import { Stack } from '@mantine/core';
import { IconStairs } from '@tabler/icons-react';
import { useState } from 'react';
import type { Level } from '../../../../../contracts/api/policies.ts';
import { notify } from '../../../lib/notify.ts';
import { useAnswer } from '../../../lib/use-answer.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { rolloutSentence } from '../../policy/policy-words.ts';
import { fetchLevels } from '../api/levels.ts';
import { LevelCard } from '../components/level-card.tsx';
import { LevelModelsDrawer } from '../components/level-models-drawer.tsx';
import { LevelPolicyDrawer } from '../components/level-policy-drawer.tsx';

/** The tenant's levels, and what each gives its people. */
export function LevelsPage() {
  const { value, error, reload, replace } = useAnswer(fetchLevels);
  const [edited, setEdited] = useState<{ level: Level; part: 'policy' | 'models' } | null>(null);

  /** Shows a level as it is now. */
  function show(level: Level) {
    setEdited(null);
    replace({ items: (value?.items ?? []).map((known) => (known.id === level.id ? level : known)) });
  }

  return (
    <>
      <PageHeader title="Levels">What people get, by the level they are on.</PageHeader>
      {error !== null && <ErrorAlert error={error} onRetry={reload} />}
      {value === null && error === null && <ListLoading />}
      {value?.items.length === 0 && (
        <EmptyState icon={<IconStairs />} title="No levels yet">
          Levels are set up together with the tenant.
        </EmptyState>
      )}
      <Stack>
        {value?.items.map((level) => (
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
          onClose={() => setEdited(null)}
          onDone={({ level, rollout }) => {
            show(level);
            notify({
              color: 'brand',
              title: `The policy of ${level.name} is changed`,
              message: rolloutSentence(rollout),
            });
          }}
        />
      )}
      {edited?.part === 'models' && (
        <LevelModelsDrawer
          level={edited.level}
          onClose={() => setEdited(null)}
          onDone={(level) => {
            show(level);
            notify({
              color: 'brand',
              title: `The models of ${level.name} are changed`,
              message: 'Here at once, elsewhere within a minute.',
            });
          }}
        />
      )}
    </>
  );
}
