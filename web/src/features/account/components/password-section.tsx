import { PasswordInput } from '@mantine/core';
import { notify } from '../../../lib/notify.ts';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { useAuth, useUser } from '../../auth/auth-context.tsx';
import { emptyPassword, PASSWORD_RULE, passwordFields, readPassword } from '../account-drafts.ts';
import { AccountForm, AccountSection } from './account-form.tsx';

/** Changes the password. The session of this device goes on. */
export function PasswordSection() {
  const { email } = useUser();
  const { changePassword } = useAuth();
  const serverForm = useServerForm({
    initial: emptyPassword,
    fields: passwordFields,
    read: readPassword,
    mutation: { mutationFn: changePassword },
    onDone: () => {
      serverForm.form.reset();
      notify({
        color: 'brand',
        title: 'Your password is changed',
        message: 'You are signed out on every other device.',
      });
    },
  });
  const { form } = serverForm;
  return (
    <AccountSection title="Password" about="A new password signs you out on every other device.">
      <AccountForm serverForm={serverForm} action="Change the password">
        {/* Password managers save the new password for this account. */}
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          {...form.getInputProps('current_password')}
        />
        <PasswordInput
          label="New password"
          description={`${PASSWORD_RULE}. A few words in a row work well.`}
          autoComplete="new-password"
          {...form.getInputProps('password')}
        />
      </AccountForm>
    </AccountSection>
  );
}
