import { Alert, Anchor, Button, PasswordInput, Stack } from '@mantine/core';
import { useState } from 'react';
import { Link, useLocation } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { resetPassword } from '../api/account-links.ts';
import { DeadLink } from '../components/dead-link.tsx';
import { SignInCard } from '../components/sign-in-card.tsx';
import { emptyNewPassword, newPasswordFields, PASSWORD_RULE, readNewPassword } from '../sign-in-drafts.ts';

function NewPasswordForm({ token, onDone }: { token: string; onDone: () => void }) {
  const { form, formRef, submit, isSending, error } = useServerForm({
    initial: emptyNewPassword,
    fields: newPasswordFields,
    read: (draft) => readNewPassword(token, draft),
    mutation: { mutationFn: resetPassword, onSuccess: onDone },
  });
  if (error?.code === 'link_invalid' || error?.code === 'invalid_request')
    return (
      <DeadLink>
        <Anchor component={Link} to={paths.forgotPassword} underline="always" fw={550}>
          Ask for a new one
        </Anchor>
      </DeadLink>
    );
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
        {error !== null && <ErrorAlert error={error} />}
        <PasswordInput
          label="New password"
          description={`${PASSWORD_RULE}. A few words in a row work well.`}
          autoComplete="new-password"
          size="md"
          required
          {...form.getInputProps('password')}
        />
        <Button type="submit" fullWidth size="md" mt="xs" loading={isSending}>
          Set the password
        </Button>
      </Stack>
    </form>
  );
}

/** The page of a link that resets a password. The token is the fragment of the address. */
export function ResetPasswordPage() {
  const { hash } = useLocation();
  const [isDone, setDone] = useState(false);
  return (
    <SignInCard title="Choose a new password" subtitle="You are signed out everywhere when it is set.">
      {isDone ? (
        <Stack>
          <Alert color="brand" role="status" title="Your password is set">
            Sign in with it now.
          </Alert>
          <Button component={Link} to={paths.login}>
            Sign in
          </Button>
        </Stack>
      ) : (
        <NewPasswordForm token={hash.slice(1)} onDone={() => setDone(true)} />
      )}
    </SignInCard>
  );
}
