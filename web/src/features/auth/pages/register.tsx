import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { IconMailForward } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useLocation } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { useAuth } from '../auth-context.tsx';
import { SignInCard } from '../components/sign-in-card.tsx';
import { useTurnstile } from '../components/turnstile-check.tsx';
import { VerificationButton } from '../components/verification-button.tsx';
import { emptyRegistration, PASSWORD_RULE, readRegistration, registrationFields } from '../sign-in-drafts.ts';

function RegisterForm({
  toLogin,
  onMailed,
}: {
  toLogin: React.ReactNode;
  onMailed: (email: string) => void;
}) {
  const { register } = useAuth();
  const person = useTurnstile('register');
  const { form, formRef, submit, isSending, error } = useServerForm({
    initial: emptyRegistration,
    fields: registrationFields,
    read: readRegistration,
    mutation: {
      mutationFn: (request) => register({ ...request, ...person.body }),
      onError: person.reset,
      onSuccess: (outcome, { email }) => outcome === 'check_your_mail' && onMailed(email),
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
        {error !== null && <ErrorAlert error={error} />}
        <TextInput
          label="Name"
          autoComplete="name"
          maxLength={100}
          size="md"
          {...form.getInputProps('name')}
        />
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          size="md"
          required
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label="Password"
          description={`${PASSWORD_RULE}. A few words in a row work well.`}
          autoComplete="new-password"
          size="md"
          required
          {...form.getInputProps('password')}
        />
        {person.field}
        <Button type="submit" fullWidth size="md" mt="xs" loading={isSending} disabled={person.isWaiting}>
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
  const { registration, registration_open, branding } = useTenant();
  const { state } = useLocation();
  const [mailedTo, setMailedTo] = useState<string | null>(null);
  const toLogin = (
    <Anchor component={Link} to={paths.login} state={state} underline="always" fw={550}>
      Sign in
    </Anchor>
  );
  if (mailedTo !== null) {
    return (
      <SignInCard title="Check your mail" subtitle="One more step, and your account is ready.">
        <Stack>
          <Alert
            color="brand"
            role="status"
            icon={<IconMailForward aria-hidden />}
            title="A mail is on its way"
          >
            Open the link in the mail to {mailedTo}, then sign in.
          </Alert>
          <VerificationButton email={mailedTo} />
          <Text size="sm" ta="center">
            Already verified? {toLogin}
          </Text>
        </Stack>
      </SignInCard>
    );
  }
  if (registration_open) {
    return (
      <SignInCard
        title="Create an account"
        subtitle={
          registration === 'email_domains'
            ? `Use an email address that ${branding.name} knows, such as your work address.`
            : `Start using ${branding.name} in a minute.`
        }
      >
        <RegisterForm toLogin={toLogin} onMailed={setMailedTo} />
      </SignInCard>
    );
  }
  return (
    <SignInCard
      title={registration === 'invitation' ? 'By invitation' : 'Registration is closed'}
      subtitle={
        registration === 'invitation'
          ? `Accounts at ${branding.name} need an invitation.`
          : `${branding.name} takes no new accounts.`
      }
    >
      <Stack>
        <Alert
          title={
            registration === 'invitation'
              ? 'Ask your administrator for an invitation'
              : 'Ask your administrator for an account'
          }
        />
        <Text size="sm">Already have an account? {toLogin}</Text>
      </Stack>
    </SignInCard>
  );
}
