import { Stack } from '@mantine/core';
import { useEffect } from 'react';
import type { TenantSettings } from '../../../../../contracts/api/tenant/tenant.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { changeTenantSettings } from '../api/tenant-settings.ts';
import { type Draft, draftOf, type InputName, readDraft } from '../settings-form.ts';
import { SaveBar } from './save-bar.tsx';
import { SettingInput } from './setting-input.tsx';

type GroupFormProps = {
  title: string;
  names: InputName[];
  settings: TenantSettings;
  onDirty: (isDirty: boolean) => void;
  onDone: (notice: string) => void;
};

/** Domains matter only where they decide. */
const isShown = (name: InputName, draft: Draft): boolean =>
  name !== 'registration_email_domains' || draft.registration === 'email_domains';

/** The typed and chosen settings of a group, saved together. */
export function GroupForm({ title, names, settings, onDirty, onDone }: GroupFormProps) {
  const saved = draftOf(settings, names);
  const { form, formRef, submit, isSending, error } = useServerForm({
    initial: saved,
    fields: names,
    read: (draft: Draft) => readDraft(draft, settings),
    mutation: changeTenantSettings,
    onDone: (answer) => {
      form.setValues(draftOf(answer, names));
      onDone(`“${title}” is changed.`);
    },
  });
  const isDirty = names.some((name) => form.values[name] !== saved[name]);
  useEffect(() => onDirty(isDirty), [onDirty, isDirty]);
  return (
    <form
      ref={formRef}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack>
        {names
          .filter((name) => isShown(name, form.values))
          .map((name) => (
            <SettingInput key={name} name={name} input={form.getInputProps(name)} />
          ))}
        {error !== null && <ErrorAlert error={error} />}
        {isDirty && (
          <SaveBar
            isSending={isSending}
            onDiscard={() => {
              form.setValues(saved);
              form.clearErrors();
            }}
          />
        )}
      </Stack>
    </form>
  );
}
