import { NumberInput, Radio, Stack, Textarea, TextInput } from '@mantine/core';
import type { GetInputPropsReturnType } from '@mantine/form';
import { choicesOf, controlOf, type InputName, textsOf } from '../settings-form.ts';

type SettingInputProps = { name: InputName; input: GetInputPropsReturnType };

/** The control of one setting: a choice, lines, a number or a text. */
export function SettingInput({ name, input }: SettingInputProps) {
  const { label, help } = textsOf(name);
  const common = { label, description: help, ...input };
  switch (controlOf(name)) {
    case 'choice':
      return (
        <Radio.Group {...common}>
          <Stack gap="xs" mt="xs">
            {choicesOf(name).map((choice) => (
              <Radio key={choice.value} value={choice.value} label={choice.label} description={choice.help} />
            ))}
          </Stack>
        </Radio.Group>
      );
    case 'lines':
      return <Textarea {...common} placeholder="None" autosize minRows={2} maxRows={8} spellCheck={false} />;
    case 'number':
      return (
        <NumberInput
          {...common}
          onChange={(value) => input.onChange(String(value))}
          placeholder="No limit"
          allowDecimal={false}
          allowNegative={false}
          clampBehavior="none"
          hideControls
          styles={{ wrapper: { maxWidth: 260 } }}
        />
      );
    case 'text':
      return <TextInput {...common} placeholder="None" maw={420} />;
  }
}
