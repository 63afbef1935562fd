import { NumberInput, Stack, Textarea } from '@mantine/core';
import type { Model } from '../../../../../contracts/api/executions.ts';
import { formatTokens } from '../../../lib/format.ts';
import type { PromptSettings } from '../conversation-context.tsx';

type AdvancedSettingsProps = {
  model: Model;
  settings: PromptSettings;
  onChange: (settings: PromptSettings) => void;
};

/** Settings for the whole conversation: the system prompt and the longest answer. */
export function AdvancedSettings({ model, settings, onChange }: AdvancedSettingsProps) {
  return (
    <Stack gap="sm" pb="sm" px={6}>
      <Textarea
        label="System prompt"
        description="Instructions the model follows through the whole conversation."
        placeholder="You are a careful editor. Answer in short paragraphs."
        autosize
        minRows={2}
        maxRows={6}
        value={settings.system}
        onChange={(event) => onChange({ ...settings, system: event.currentTarget.value })}
      />
      <NumberInput
        label="Max output tokens"
        description={`Limits the answer, and the tokens held while it runs. Up to ${formatTokens(model.max_output_tokens)}.`}
        placeholder="Default: the model's limit"
        min={1}
        max={model.max_output_tokens}
        clampBehavior="blur"
        allowDecimal={false}
        allowNegative={false}
        thousandSeparator=","
        maw={320}
        value={settings.max_output_tokens ?? ''}
        onChange={(value) =>
          onChange({ ...settings, max_output_tokens: typeof value === 'number' ? value : null })
        }
      />
    </Stack>
  );
}
