import { MultiSelect } from '@mantine/core';
import type { ReactNode } from 'react';

type ModelsInputProps = {
  label: string;
  description: string;
  /** What no choice means. */
  placeholder: string;
  /** Public names there are to choose from; null until they are known. */
  names: string[] | null;
  value: string[];
  error: ReactNode;
  onChange: (names: string[]) => void;
};

/** A choice of models by their public names. What was chosen before stays to be seen, even where it is gone. */
export function ModelsInput(props: ModelsInputProps) {
  const { label, description, placeholder, names, value, error, onChange } = props;
  const choices = [...new Set([...(names ?? []), ...value])].sort();
  return (
    <MultiSelect
      label={label}
      description={description}
      placeholder={value.length === 0 ? placeholder : 'Add a model'}
      data={choices}
      value={value}
      error={error}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': `Clear: ${label}` }}
      nothingFoundMessage={names === null ? 'Loading' : 'No such model'}
      comboboxProps={{ withinPortal: false }}
      onChange={onChange}
    />
  );
}
