import { Button, Popover, Stack, TextInput } from '@mantine/core';
import { IconCalendar } from '@tabler/icons-react';
import { useState } from 'react';
import { dayAt, PERIOD_DAYS_MAX } from '../../../contracts/days.ts';
import { isPeriod } from '../lib/period.ts';
import { daysLabel } from '../lib/period-label.ts';
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
      max={dayAt(Date.now())}
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

/** Picks the first and the last day of a period, in a dialog. */
export function DaysPicker({ choice, period, onChoose }: ChosenPeriod) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setOpen} trapFocus withinPortal={false} position="bottom-end">
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconCalendar size={17} aria-hidden />}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {daysLabel({ choice, period })}
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
  );
}
