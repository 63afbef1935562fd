import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Link, useLocation } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { useAuth } from '../auth-context.tsx';
import { IdentityProviders, SignInFailureNotice } from '../components/identity-providers.tsx';
import { PasskeySignIn } from '../components/passkey-sign-in.tsx';
import { SignInCard } from '../components/sign-in-card.tsx';
import { VerificationButton } from '../components/verification-button.tsx';
import { emptyLogin, loginFields, readLogin } from '../login-draft.ts';

function LoginForm() {
  const { logIn, ended } = useAuth();
  const { requires_verification } = useTenant();
  /** The address of the last attempt that was refused. */
  const [refused, setRefused] = useState<string | null>(null);
  const { form, formRef, submit, isSending, error } = useServerForm({
    initial: emptyLogin,
    fields: loginFields,
    read: readLogin,
    mutation: {
      mutationFn: logIn,
      onError: ({ code }, { email }) => setRefused(code === 'invalid_credentials' ? email : null),
    },
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
      <Stack>
        {ended?.notice != null && error === null && (
          <Alert color="yellow" role="status" title={ended.notice}>
            {ended.isDisabled && 'Your data is kept, and running executions are finished.'}
            {!ended.isDisabled && !ended.byChoice && 'After signing in, you return to the page you were on.'}
          </Alert>
        )}
        {error !== null && <ErrorAlert error={error} />}
        {requires_verification && refused !== null && <VerificationButton key={refused} email={refused} />}
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          size="md"
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          size="md"
          {...form.getInputProps('password')}
        />
        <Button type="submit" fullWidth size="md" mt="xs" loading={isSending}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}

export function LoginPage() {
  const { registration_open, sends_mail, support_email, branding } = useTenant();
  const { state } = useLocation();
  return (
    <SignInCard title="Sign in" subtitle={`Use your ${branding.name} account.`}>
      <Stack>
        <SignInFailureNotice />
        <LoginForm />
        <PasskeySignIn />
        <IdentityProviders />
        {sends_mail && (
          <Text size="sm" ta="center">
            <Anchor component={Link} to={paths.forgotPassword} underline="always" fw={550}>
              Forgot your password?
            </Anchor>
          </Text>
        )}
        {registration_open && (
          <Text size="sm" ta="center">
            New here?{' '}
            <Anchor component={Link} to={paths.register} state={state} underline="always" fw={550}>
              Create an account
            </Anchor>
          </Text>
        )}
        {support_email !== null && (
          <Text size="sm" ta="center">
            Trouble signing in?{' '}
            <Anchor href={`mailto:${support_email}`} underline="always" fw={550}>
              Contact support
            </Anchor>
          </Text>
        )}
      </Stack>
    </SignInCard>
  );
}
