import { MultiSelect } from '@mantine/core';
import type { ReactNode } from 'react';

type ModelsInputProps = {
  label: string;
  description: string;
  /** Shown without a choice. */
  placeholder: string;
  /** Public names of the models to choose from; null while they load. */
  names: string[] | null;
  value: string[];
  error: ReactNode;
  onChange: (names: string[]) => void;
};

/** A choice of models by public name. A chosen model stays in the list even after it was removed. */
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
      nothingFoundMessage={names === null ? 'Loading' : 'No model found'}
      comboboxProps={{ withinPortal: false }}
      onChange={onChange}
    />
  );
}
