import { Button, Group, Stack, TextInput } from '@mantine/core';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { changeTenantSettings } from '../api/tenant-settings.ts';
import { readText, type TextName, textsOf } from '../settings-form.ts';

type TextSettingProps = { name: TextName; value: string | null; onDone: (notice: string) => void };

/** A setting with a text. */
export function TextSetting({ name, value, onDone }: TextSettingProps) {
  const { label, help } = textsOf(name);
  const initial = { [name]: value ?? '' };
  const { form, formRef, submit, isSending, error } = useServerForm({
    initial,
    fields: [name],
    read: (draft: typeof initial) => readText(name, draft[name] ?? ''),
    mutation: changeTenantSettings,
    onClose: () => undefined,
    onDone: () => onDone(`“${label}” is changed.`),
  });
  return (
    <form
      ref={formRef}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="sm">
        {error !== null && <ErrorAlert error={error} />}
        <Group align="end" gap="sm">
          <TextInput
            label={label}
            description={help}
            placeholder="None"
            miw={260}
            flex={1}
            {...form.getInputProps(name)}
          />
          <Button
            type="submit"
            variant="default"
            loading={isSending}
            disabled={form.values[name]?.trim() === (value ?? '')}
          >
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
