import { Button, Group, SegmentedControl } from '@mantine/core';
import { IconCalendar } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { type PeriodName, periodNames } from '../lib/period.ts';
import { daysLabel } from '../lib/period-label.ts';
import type { ChosenPeriod } from '../lib/use-period.ts';

/** Loaded after the page. */
const DaysPicker = lazy(async () => ({ default: (await import('./days-picker.tsx')).DaysPicker }));

/** Chooses the period of a report: a named one, or days. Days are those of UTC. */
export function PeriodPicker(chosen: ChosenPeriod) {
  const { choice, onChoose } = chosen;
  return (
    <Group gap="xs">
      <SegmentedControl
        aria-label="Period"
        data={Object.entries(periodNames).map(([value, label]) => ({ value, label }))}
        value={choice === 'custom' ? '' : choice}
        onChange={(value) => onChoose(value as PeriodName)}
      />
      <Suspense
        fallback={
          <Button variant="default" disabled leftSection={<IconCalendar size={17} aria-hidden />}>
            {daysLabel(chosen)}
          </Button>
        }
      >
        <DaysPicker {...chosen} />
      </Suspense>
    </Group>
  );
}
