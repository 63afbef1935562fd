import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { isEmail, useForm } from '@mantine/form';
import { useState } from 'react';
import { Link, useLocation } from 'react-router';
import { newPassword } from '../../../../../contracts/api/auth.ts';
import { paths } from '../../../lib/paths.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useAuth } from '../auth-context.tsx';
import { SignInCard } from '../components/sign-in-card.tsx';

const PASSWORD_RULE = `Use at least ${newPassword.minLength} characters`;

function RegisterForm({ toLogin }: { toLogin: React.ReactNode }) {
  const { register } = useAuth();
  const [error, setError] = useState<Error | null>(null);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', email: '', password: '' },
    validate: {
      email: isEmail('Enter an email address'),
      password: (value) => (newPassword.safeParse(value).success ? null : PASSWORD_RULE),
    },
  });
  const submit = form.onSubmit(({ name, email, password }) => {
    setError(null);
    return register({ email, password, ...(name.trim() === '' ? {} : { name }) }).catch(setError);
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {error !== null && <ErrorAlert error={error} />}
        <TextInput
          label="Name"
          autoComplete="name"
          maxLength={100}
          size="md"
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          size="md"
          required
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label="Password"
          description={`${PASSWORD_RULE}. A few words in a row work well.`}
          autoComplete="new-password"
          size="md"
          required
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <Button type="submit" fullWidth size="md" mt="xs" loading={form.submitting}>
          Create account
        </Button>
        <Text size="sm" ta="center">
          Already have an account? {toLogin}
        </Text>
      </Stack>
    </form>
  );
}

export function RegisterPage() {
  const { registration_open, branding } = useTenant();
  const { state } = useLocation();
  const toLogin = (
    <Anchor component={Link} to={paths.login} state={state} underline="always" fw={550}>
      Sign in
    </Anchor>
  );
  if (registration_open) {
    return (
      <SignInCard
        title="Create an account"
        subtitle={`It takes a minute, and ${branding.name} is yours to use.`}
      >
        <RegisterForm toLogin={toLogin} />
      </SignInCard>
    );
  }
  return (
    <SignInCard title="By invitation" subtitle={`${branding.name} does not take registrations.`}>
      <Stack>
        <Alert title="Ask its administrator for an account" />
        <Text size="sm">You have one? {toLogin}</Text>
      </Stack>
    </SignInCard>
  );
}
