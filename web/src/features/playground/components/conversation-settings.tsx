import { Group, NumberInput, Stack, Switch, Textarea } from '@mantine/core';
import type { ConversationSettings } from '../../../../../contracts/api/conversations.ts';
import type { Model } from '../../../../../contracts/api/executions.ts';
import { formatTokens } from '../../../lib/format.ts';

type SettingsProps = {
  model: Model;
  settings: ConversationSettings;
  onChange: (settings: ConversationSettings) => void;
  /** Enter sends the prompt; a setting of this browser. */
  enterSends: boolean;
  onEnterSends: (enterSends: boolean) => void;
};

type FractionProps = {
  label: string;
  description: string;
  max: number;
  value: number | null;
  onChange: (value: number | null) => void;
};

const Fraction = ({ label, description, max, value, onChange }: FractionProps) => (
  <NumberInput
    label={label}
    description={description}
    placeholder="Default"
    {...{ min: 0, max, step: 0.1, decimalScale: 2, clampBehavior: 'blur', allowNegative: false }}
    flex={1}
    miw={130}
    value={value ?? ''}
    onChange={(typed) => onChange(typeof typed === 'number' ? Math.min(typed, max) : null)}
  />
);

/** Settings of the conversation: the system prompt, the longest answer, and how the model chooses its words. */
export function ConversationSettingsForm(props: SettingsProps) {
  const { model, settings, onChange, enterSends, onEnterSends } = props;
  return (
    <Stack gap="sm" pb="sm" px={6}>
      <Textarea
        label="System prompt"
        description="Instructions the model follows through the whole conversation."
        placeholder="You are a careful editor. Answer in short paragraphs."
        autosize
        minRows={2}
        maxRows={6}
        maxLength={100_000}
        value={settings.system}
        onChange={(event) => onChange({ ...settings, system: event.currentTarget.value })}
      />
      <Group align="end" gap="sm">
        <NumberInput
          label="Max output tokens"
          description={`Up to ${formatTokens(model.max_output_tokens)}.`}
          placeholder="Default"
          min={1}
          max={model.max_output_tokens}
          clampBehavior="blur"
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=","
          flex={1}
          miw={150}
          value={settings.max_output_tokens ?? ''}
          onChange={(value) =>
            onChange({
              ...settings,
              max_output_tokens: typeof value === 'number' && value > 0 ? value : null,
            })
          }
        />
        <Fraction
          label="Temperature"
          description="0 to 2. Higher varies more."
          max={2}
          value={settings.temperature}
          onChange={(temperature) => onChange({ ...settings, temperature })}
        />
        <Fraction
          label="Top P"
          description="0 to 1."
          max={1}
          value={settings.top_p}
          onChange={(top_p) => onChange({ ...settings, top_p })}
        />
      </Group>
      <Switch
        label="Enter sends the prompt"
        description="Shift and Enter begin a new line. Applies to this browser."
        checked={enterSends}
        onChange={(event) => onEnterSends(event.currentTarget.checked)}
      />
    </Stack>
  );
}
