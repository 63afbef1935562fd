import { Button, Group, Popover, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { IconCalendar } from '@tabler/icons-react';
import { useState } from 'react';
import { formatUtcDay } from '../lib/format.ts';
import { isPeriod, PERIOD_DAYS_MAX, type PeriodName, periodNames, todayOf } from '../lib/period.ts';
import type { ChosenPeriod } from '../lib/use-period.ts';

/** Two days to pick, sent when they make a period. */
function DaysForm({ period, onChoose, onDone }: Omit<ChosenPeriod, 'choice'> & { onDone: () => void }) {
  const [days, setDays] = useState(period);
  const [isRefused, setRefused] = useState(false);
  const input = (name: 'from' | 'to', label: string) => (
    <TextInput
      type="date"
      label={label}
      value={days[name]}
      max={todayOf(Date.now())}
      onChange={({ currentTarget: { value } }) => {
        setRefused(false);
        setDays((known) => ({ ...known, [name]: value }));
      }}
      error={
        name === 'to' && isRefused && `Choose at most ${PERIOD_DAYS_MAX} days, the first before the last.`
      }
    />
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isPeriod(days.from, days.to)) return setRefused(true);
        onChoose(days);
        onDone();
      }}
    >
      <Stack gap="sm" w={220}>
        {input('from', 'First day')}
        {input('to', 'Last day')}
        <Button type="submit">Show</Button>
      </Stack>
    </form>
  );
}

/** Chooses the period of a report: a named one, or days. Days are those of UTC. */
export function PeriodPicker({ choice, period, onChoose }: ChosenPeriod) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Group gap="xs">
      <SegmentedControl
        aria-label="Period"
        data={Object.entries(periodNames).map(([value, label]) => ({ value, label }))}
        value={choice === 'custom' ? '' : choice}
        onChange={(value) => onChoose(value as PeriodName)}
      />
      <Popover opened={isOpen} onChange={setOpen} trapFocus withinPortal={false} position="bottom-end">
        <Popover.Target>
          <Button
            variant="default"
            leftSection={<IconCalendar size={17} aria-hidden />}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            {choice === 'custom' ? `${formatUtcDay(period.from)} – ${formatUtcDay(period.to)}` : 'Days'}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <DaysForm
            key={`${period.from} ${period.to}`}
            period={period}
            onChoose={onChoose}
            onDone={() => setOpen(false)}
          />
        </Popover.Dropdown>
      </Popover>
    </Group>
  );
}
