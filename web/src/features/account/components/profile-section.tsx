import { TextInput } from '@mantine/core';
import { notify } from '../../../lib/notify.ts';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { useAuth, useUser } from '../../auth/auth-context.tsx';
import { profileFields, readProfile } from '../account-drafts.ts';
import { updateProfile } from '../api/account.ts';
import { AccountForm, AccountSection } from './account-form.tsx';

/** The display name. */
export function ProfileSection() {
  const { name } = useUser();
  const { retry } = useAuth();
  const serverForm = useServerForm({
    initial: { name: name ?? '' },
    fields: profileFields,
    read: readProfile,
    mutation: { mutationFn: updateProfile },
    onDone: () => {
      retry();
      notify({ color: 'brand', title: 'Saved', message: 'Your name is changed.' });
    },
  });
  return (
    <AccountSection title="Profile" about="Administrators see your name beside your email address.">
      <AccountForm serverForm={serverForm} action="Save the name">
        <TextInput
          label="Name"
          autoComplete="name"
          maxLength={100}
          {...serverForm.form.getInputProps('name')}
        />
      </AccountForm>
    </AccountSection>
  );
}
