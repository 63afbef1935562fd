import { Group, NativeSelect, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { type ApiKeyDraft, type ExpiryChoice, expiryChoices, expiryNames } from '../api-key-draft.ts';

type ExpiryInputProps = {
  value: ApiKeyDraft['expires_at'];
  error: ReactNode;
  onChange: (value: ApiKeyDraft['expires_at']) => void;
};

/** Input of a key's expiry: after some days, on a date, or never. */
export function ExpiryInput({ value, error, onChange }: ExpiryInputProps) {
  const isDay = value.choice === 'date';
  return (
    <Group align="start" grow preventGrowOverflow={false}>
      <NativeSelect
        label="Expires"
        data={expiryChoices.map((choice) => ({ value: choice, label: expiryNames[choice] }))}
        value={value.choice}
        error={isDay ? undefined : error}
        onChange={({ currentTarget }) => onChange({ ...value, choice: currentTarget.value as ExpiryChoice })}
      />
      {isDay && (
        <TextInput
          type="date"
          label="Last day"
          value={value.day}
          error={error}
          onChange={({ currentTarget }) => onChange({ ...value, day: currentTarget.value })}
        />
      )}
    </Group>
  );
}
