import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { hasLength, isEmail, useForm } from '@mantine/form';
import { useState } from 'react';
import { Link, useLocation } from 'react-router';
import { ErrorAlert } from '../components/error-alert.tsx';
import { SignInCard } from '../components/sign-in-card.tsx';
import { useAuth } from '../contexts/auth-context.tsx';
import { useTenant } from '../contexts/tenant-context.tsx';
import { paths } from '../lib/paths.ts';

export function RegisterPage() {
  const { register } = useAuth();
  const { registration_open, branding } = useTenant();
  const { state } = useLocation();
  const [error, setError] = useState<Error | null>(null);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', email: '', password: '' },
    validate: {
      email: isEmail('Enter an email address'),
      password: hasLength({ min: 12, max: 1_024 }, 'Use at least 12 characters'),
    },
  });
  const submit = form.onSubmit(({ name, email, password }) =>
    register({ email, password, ...(name.trim() === '' ? {} : { name }) }).catch(setError),
  );
  const toLogin = (
    <Anchor component={Link} to={paths.login} state={state} underline="always">
      Sign in
    </Anchor>
  );
  if (!registration_open) {
    return (
      <SignInCard title="By invitation">
        <Stack>
          <Alert>{branding.name} does not take registrations. Ask its administrator for an account.</Alert>
          <Text size="sm">You have one? {toLogin}</Text>
        </Stack>
      </SignInCard>
    );
  }
  return (
    <SignInCard title="Create an account">
      <form onSubmit={submit} noValidate>
        <Stack>
          {error !== null && <ErrorAlert error={error} />}
          <TextInput
            label="Name"
            autoComplete="name"
            maxLength={100}
            key={form.key('name')}
            {...form.getInputProps('name')}
          />
          <TextInput
            label="Email"
            type="email"
            autoComplete="username"
            withAsterisk
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label="Password"
            description="At least 12 characters. A few words in a row work well."
            autoComplete="new-password"
            withAsterisk
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <Button type="submit" fullWidth loading={form.submitting}>
            Create account
          </Button>
          <Text size="sm" ta="center">
            Already have an account? {toLogin}
          </Text>
        </Stack>
      </form>
    </SignInCard>
  );
}
