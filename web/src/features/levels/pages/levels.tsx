import { Button, Stack, Title } from '@mantine/core';
import { IconPlus, IconStairs } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Level } from '../../../../../contracts/api/tenant/levels.ts';
import { moved } from '../../../lib/moved.ts';
import { notify } from '../../../lib/notify.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { levelsQuery, orderLevels } from '../api/levels.ts';
import { LevelActions } from '../components/level-actions.tsx';
import { LevelCard } from '../components/level-card.tsx';
import { LevelDialog, type OpenedLevel } from '../components/level-dialog.tsx';

/** The tenant's levels in their order, each with its policy, models and features. */
export function LevelsPage() {
  const { data: levels, error, refetch } = useQuery(levelsQuery);
  const ordering = useMutation(orderLevels);
  const [opened, setOpened] = useState<OpenedLevel>(null);
  const inUse = levels?.filter(({ archived_at }) => archived_at === null) ?? [];
  const archived = levels?.filter(({ archived_at }) => archived_at !== null) ?? [];

  function move(index: number, by: 1 | -1) {
    const ids = moved(
      inUse.map(({ id }) => id),
      index,
      by,
    );
    if (ids !== null) ordering.mutate(ids);
  }

  function finish(title: string, message: string) {
    setOpened(null);
    notify({ color: 'brand', title, message });
  }

  const card = (level: Level, index: number) => (
    <LevelCard
      key={level.id}
      level={level}
      onEdit={(part) => setOpened({ level, action: part })}
      actions={
        <LevelActions
          level={level}
          canMove={{
            up: index > 0 && !ordering.isPending,
            down: index < inUse.length - 1 && !ordering.isPending,
          }}
          onMove={(by) => move(index, by)}
          onAct={(action) => setOpened({ level, action })}
        />
      }
    />
  );

  return (
    <>
      <PageHeader
        title="Levels"
        actions={
          <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setOpened('new')}>
            New level
          </Button>
        }
      >
        The models, allocation and features of each level.
      </PageHeader>
      {error !== null && <ErrorAlert error={error} onRetry={refetch} />}
      {levels === undefined && error === null && <ListLoading />}
      {levels?.length === 0 && (
        <EmptyState icon={<IconStairs />} title="No levels yet">
          Create the first one.
        </EmptyState>
      )}
      <Stack>
        {ordering.error !== null && <ErrorAlert error={ordering.error} />}
        {inUse.map(card)}
        {archived.length > 0 && (
          <Title order={2} size="h3" mt="md">
            Archived
          </Title>
        )}
        {archived.map((level) => card(level, 0))}
      </Stack>
      <LevelDialog opened={opened} onClose={() => setOpened(null)} onDone={finish} />
    </>
  );
}
