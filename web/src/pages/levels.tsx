import { Stack } from '@mantine/core';
import { IconStairs } from '@tabler/icons-react';
import { useState } from 'react';
import type { Level } from '../../../contracts/api/policies.ts';
import { EmptyState } from '../components/empty-state.tsx';
import { ErrorAlert } from '../components/error-alert.tsx';
import { LevelCard } from '../components/levels/level-card.tsx';
import { LevelModelsDrawer } from '../components/levels/level-models-drawer.tsx';
import { LevelPolicyDrawer } from '../components/levels/level-policy-drawer.tsx';
import { ListLoading } from '../components/list-loading.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { useAnswer } from '../hooks/use-answer.ts';
import { notify } from '../lib/notify.ts';
import { rolloutSentence } from '../lib/policy-words.ts';
import { fetchLevels } from '../services/levels.ts';

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
