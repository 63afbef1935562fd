import { Alert, Anchor, Button, Stack, Text, TextInput } from '@mantine/core';
import { IconMailForward } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { askForPasswordReset } from '../api/account-links.ts';
import { SignInCard } from '../components/sign-in-card.tsx';
import { useTurnstile } from '../components/turnstile-check.tsx';
import { emptyForgotten, forgottenFields, readForgotten } from '../sign-in-drafts.ts';

function ForgottenForm({ onSent }: { onSent: (email: string) => void }) {
  const person = useTurnstile('password-reset');
  const { form, formRef, submit, isSending, error } = useServerForm({
    initial: emptyForgotten,
    fields: forgottenFields,
    read: readForgotten,
    mutation: {
      mutationFn: (request) => askForPasswordReset({ ...request, ...person.body }),
      onError: person.reset,
      onSuccess: (_, { email }) => onSent(email),
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
          label="Email"
          type="email"
          autoComplete="username"
          size="md"
          {...form.getInputProps('email')}
        />
        {person.field}
        <Button type="submit" fullWidth size="md" mt="xs" loading={isSending} disabled={person.isWaiting}>
          Send the link
        </Button>
      </Stack>
    </form>
  );
}

/** Asks for a link to choose a new password. Says the same whether there is an account. */
export function ForgotPasswordPage() {
  const { branding, sends_mail, support_email } = useTenant();
  const [sentTo, setSentTo] = useState<string | null>(null);
  return (
    <SignInCard
      title="Forgot your password?"
      subtitle={`Choose a new one for your ${branding.name} account.`}
    >
      <Stack>
        {!sends_mail && (
          <Alert title="Passwords cannot be reset by mail here">
            Ask {support_email ?? 'your administrator'} for help.
          </Alert>
        )}
        {sends_mail && sentTo === null && <ForgottenForm onSent={setSentTo} />}
        {sentTo !== null && (
          <Alert color="brand" role="status" icon={<IconMailForward aria-hidden />} title="Check your mail">
            If {sentTo} has an account, a link is on its way. It works once, for 30 minutes.
          </Alert>
        )}
        <Text size="sm" ta="center">
          <Anchor component={Link} to={paths.login} underline="always" fw={550}>
            Back to sign in
          </Anchor>
        </Text>
      </Stack>
    </SignInCard>
  );
}
