import { Button, PasswordInput, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { notify } from '../../../lib/notify.ts';
import { paths } from '../../../lib/paths.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { useAuth, useUser } from '../../auth/auth-context.tsx';
import { emptyPassword, PASSWORD_RULE, passwordFields, readPassword } from '../account-drafts.ts';
import { waysToSignInQuery } from '../api/account.ts';
import { AccountForm, AccountSection } from './account-form.tsx';

/** The way to a password for an account without one. */
function NoPassword() {
  const { sends_mail } = useTenant();
  return (
    <AccountSection title="Password" about="You have none: you sign in with a linked account.">
      {sends_mail ? (
        <Button component={Link} to={paths.forgotPassword} variant="default">
          Set one by a link
        </Button>
      ) : (
        <Text size="sm">This platform sends no mail, so none can be set.</Text>
      )}
    </AccountSection>
  );
}

/** The password, or the way to one. */
export function PasswordSection() {
  const { data: ways } = useQuery(waysToSignInQuery);
  return ways?.has_password === false ? <NoPassword /> : <ChangePassword />;
}

/** Changes the password. The session of this device goes on. */
function ChangePassword() {
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
