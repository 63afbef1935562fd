import {
  Button,
  Collapse,
  NativeSelect,
  NumberInput,
  Stack,
  Switch,
  TagsInput,
  Textarea,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import {
  type PresetId,
  presetIds,
  providerPresets,
} from '../../../../../contracts/catalog/provider-presets.ts';
import type { ProviderDraft } from '../provider-draft.ts';

const presets = [
  { value: '', label: 'None' },
  ...presetIds.map((value) => ({ value, label: providerPresets[value].label })),
];

/** A choice of a well-known provider or server, which fills in its address and settings. */
export function PresetSelect({ onChoose }: { onChoose: (id: PresetId) => void }) {
  const [chosen, setChosen] = useState('');
  return (
    <NativeSelect
      label="Preset"
      description="Fills in the address and the settings of a well-known provider. Replace words in braces."
      data={presets}
      value={chosen}
      onChange={({ currentTarget: { value } }) => {
        setChosen(value);
        const id = presetIds.find((known) => known === value);
        if (id !== undefined) onChoose(id);
      }}
    />
  );
}

const limitNames = [
  { value: '', label: 'Chosen by the address' },
  { value: 'max_completion_tokens', label: 'max_completion_tokens' },
  { value: 'max_tokens', label: 'max_tokens' },
];

type SettingsProps = {
  form: UseFormReturnType<ProviderDraft>;
  /** Value, error and change handler of a setting. */
  input: (field: `settings.${Exclude<keyof ProviderDraft['settings'], 'stream_usage'>}`) => object;
};

/** The waits for one provider. */
const Waits = ({ input }: Pick<SettingsProps, 'input'>) => (
  <>
    <NumberInput
      label="Wait for the first piece, in ms"
      description="After this time, the next provider is tried. Defaults to 120,000, or 50 for each output token if that is more, at most 600,000."
      placeholder="120,000"
      thousandSeparator=","
      clampBehavior="none"
      allowDecimal={false}
      allowNegative={false}
      hideControls
      {...input('settings.first_byte_timeout_ms')}
    />
    <NumberInput
      label="Longest silence within an answer, in ms"
      description="An answer that pauses for longer has failed."
      thousandSeparator=","
      clampBehavior="none"
      allowDecimal={false}
      allowNegative={false}
      hideControls
      {...input('settings.idle_timeout_ms')}
    />
  </>
);

function Parameters({ form, input }: SettingsProps) {
  return (
    <>
      <NativeSelect
        label="Parameter for the output limit"
        description="For OpenAI-compatible servers. If a server refuses one, the other is used."
        data={limitNames}
        {...input('settings.output_limit_parameter')}
      />
      <Switch
        label="Ask for the usage of streams"
        description="Sends stream_options. Without a report, usage is estimated."
        {...form.getInputProps('settings.stream_usage', { type: 'checkbox' })}
      />
      <TagsInput
        label="Parameters to leave out"
        description="Enter a name and press Enter."
        {...input('settings.drop_parameters')}
      />
      <Textarea
        label="Parameters to rename"
        description="One per line, as old: new."
        placeholder="seed: random_seed"
        autosize
        minRows={1}
        maxRows={6}
        {...input('settings.rename_parameters')}
      />
      <TagsInput
        label="Further parameters to pass on"
        description="Names of parameters that only this server knows. Requests with other unknown parameters are refused."
        {...input('settings.allow_parameters')}
      />
    </>
  );
}

/** The settings of a provider, folded until they are asked for or one of them is refused. */
export function AdvancedSettings({ form, input }: SettingsProps) {
  const [isOpen, setOpen] = useState(false);
  const isRefused = Object.keys(form.errors).some((field) => field.startsWith('settings'));
  return (
    <Stack gap="sm" align="stretch">
      <Button
        variant="subtle"
        size="compact-sm"
        w="fit-content"
        aria-expanded={isOpen || isRefused}
        onClick={() => setOpen(!isOpen)}
      >
        Advanced
      </Button>
      <Collapse expanded={isOpen || isRefused}>
        <Stack gap="sm">
          <Textarea
            label="Extra headers"
            description="One per line, as Name: value. Saved values are hidden; leave [hidden] to keep one."
            placeholder="HTTP-Referer: https://app.example.com"
            autosize
            minRows={1}
            maxRows={6}
            {...input('settings.extra_headers')}
          />
          <Parameters form={form} input={input} />
          <Waits input={input} />
        </Stack>
      </Collapse>
    </Stack>
  );
}
