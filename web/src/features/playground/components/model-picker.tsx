import { Badge, Box, Group, Select, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { Model } from '../../../../../contracts/api/executions.ts';
import { formatAmount, useCurrency } from '../../../lib/currency.ts';
import { formatTokens, sentenceList } from '../../../lib/format.ts';
import tones from '../../../ui/tones.module.css';

type ModelPickerProps = {
  models: Model[];
  value: string | null;
  onChange: (model: string) => void;
  disabled: boolean;
};

function ModelOption({ model, checked }: { model: Model; checked: boolean | undefined }) {
  const { input, output } = model.wallet_tokens_per_1000;
  const currency = useCurrency();
  return (
    <Group wrap="nowrap" justify="space-between" gap="sm" w="100%">
      <Box miw={0}>
        <Group gap={6}>
          <Text size="sm" fw={550}>
            {model.name}
          </Text>
          {model.providers.some(({ simulated }) => simulated) && (
            <Badge size="xs" className={tones.warn}>
              Simulated
            </Badge>
          )}
        </Group>
        <Text size="xs" c="dimmed">
          {sentenceList(model.providers.map(({ name }) => name))} · {formatAmount(input, currency)} in,{' '}
          {formatTokens(output)} out, per 1,000 tokens
        </Text>
      </Box>
      {checked === true && <IconCheck size={16} aria-hidden />}
    </Group>
  );
}

/** A choice of models, each with its providers and its price per 1,000 tokens. */
export function ModelPicker({ models, value, onChange, disabled }: ModelPickerProps) {
  const byName = new Map(models.map((model) => [model.name, model]));
  return (
    <Select
      aria-label="Model"
      data={models.map(({ name }) => ({ value: name, label: name }))}
      value={value}
      onChange={(name) => name !== null && onChange(name)}
      allowDeselect={false}
      disabled={disabled}
      size="xs"
      radius="xl"
      w={{ base: 128, sm: 190 }}
      comboboxProps={{ width: 320, position: 'top-start', shadow: 'md', withinPortal: false }}
      maxDropdownHeight={360}
      renderOption={({ option, checked }) => {
        const model = byName.get(option.value);
        return model === undefined ? option.label : <ModelOption model={model} checked={checked} />;
      }}
    />
  );
}
