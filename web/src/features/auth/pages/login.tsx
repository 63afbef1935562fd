import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useState } from 'react';
import { Link, useLocation } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useAuth } from '../auth-context.tsx';
import { SignInCard } from '../components/sign-in-card.tsx';

export function LoginPage() {
  const { logIn, ended } = useAuth();
  const { registration_open, support_email, branding } = useTenant();
  const { state } = useLocation();
  const [error, setError] = useState<Error | null>(null);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', password: '' },
    validate: { email: isNotEmpty('Enter your email'), password: isNotEmpty('Enter your password') },
  });
  const submit = form.onSubmit((values) => {
    setError(null);
    return logIn(values).catch(setError);
  });
  return (
    <SignInCard title="Sign in" subtitle={`Use your ${branding.name} account.`}>
      <form onSubmit={submit} noValidate>
        <Stack>
          {ended?.notice != null && error === null && (
            <Alert color="yellow" role="status" title={ended.notice}>
              {ended.isDisabled
                ? 'Everything you have is kept, and what was running is finished.'
                : 'You will go on where you were.'}
            </Alert>
          )}
          {error !== null && <ErrorAlert error={error} />}
          <TextInput
            label="Email"
            type="email"
            autoComplete="username"
            size="md"
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            size="md"
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <Button type="submit" fullWidth size="md" mt="xs" loading={form.submitting}>
            Sign in
          </Button>
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
      </form>
    </SignInCard>
  );
}
