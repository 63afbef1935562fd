import { Group, Input, NativeSelect, NumberInput } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';

const units = { seconds: 1_000, minutes: 60_000 } as const;
type Unit = keyof typeof units;

type DurationInputProps = {
  label: string;
  description: string;
  /** Milliseconds; a text while the field is empty. */
  valueMs: number | string;
  error: ReactNode;
  onChange: (valueMs: number | string) => void;
};

/** Input of a duration in seconds or minutes. */
export function DurationInput({ label, description, valueMs, error, onChange }: DurationInputProps) {
  const id = useId();
  const [unit, setUnit] = useState<Unit>(Number(valueMs) % units.minutes === 0 ? 'minutes' : 'seconds');
  const shown = typeof valueMs === 'number' ? valueMs / units[unit] : valueMs;

  function changeUnit(next: Unit) {
    setUnit(next);
    // The typed number stays the same, in the other unit.
    if (typeof shown === 'number') onChange(shown * units[next]);
  }

  return (
    <Input.Wrapper id={id} label={label} description={description} error={error}>
      <Group gap="xs" wrap="nowrap" mt={5} mb={error ? 5 : 0}>
        <NumberInput
          id={id}
          flex={1}
          min={0}
          clampBehavior="none"
          allowDecimal={false}
          allowNegative={false}
          hideControls
          value={shown}
          error={Boolean(error)}
          onChange={(value) => onChange(typeof value === 'number' ? value * units[unit] : value)}
        />
        <NativeSelect
          w={130}
          aria-label={`Unit of: ${label}`}
          data={Object.keys(units)}
          value={unit}
          onChange={({ currentTarget }) => changeUnit(currentTarget.value as Unit)}
        />
      </Group>
    </Input.Wrapper>
  );
}
