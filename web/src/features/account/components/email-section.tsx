import { Alert, Badge, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { IconMailForward } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import tones from '../../../ui/tones.module.css';
import { useUser } from '../../auth/auth-context.tsx';
import { emailFields, emptyEmail, readEmail } from '../account-drafts.ts';
import { askForEmailChange, waysToSignInQuery } from '../api/account.ts';
import { AccountForm, AccountSection } from './account-form.tsx';
import { ResendButton } from './resend-button.tsx';

/** The present address, and whether it is verified. */
function PresentEmail() {
  const { email, email_verified } = useUser();
  const { sends_mail } = useTenant();
  return (
    <Group gap="xs">
      <Text fw={550}>{email}</Text>
      <Badge className={tones[email_verified ? 'good' : 'warn']}>
        {email_verified ? 'Verified' : 'Not verified'}
      </Badge>
      {!email_verified && sends_mail && <ResendButton />}
    </Group>
  );
}

function ChangeForm() {
  const [sentTo, setSentTo] = useState<string | null>(null);
  const serverForm = useServerForm({
    initial: emptyEmail,
    fields: emailFields,
    read: readEmail,
    mutation: {
      mutationFn: askForEmailChange,
      onSuccess: (_, { email }) => setSentTo(email),
    },
    onDone: () => serverForm.form.reset(),
  });
  const { form } = serverForm;
  return (
    <Stack>
      {sentTo !== null && (
        <Alert color="brand" role="status" icon={<IconMailForward aria-hidden />} title="Check your mail">
          Your address changes when the link that is mailed to {sentTo} is used. There is none if another
          account has that address.
        </Alert>
      )}
      <AccountForm serverForm={serverForm} action="Change the address">
        <TextInput label="New email" type="email" autoComplete="email" {...form.getInputProps('email')} />
        <PasswordInput
          label="Your password"
          autoComplete="current-password"
          {...form.getInputProps('password')}
        />
      </AccountForm>
    </Stack>
  );
}

/** The email address: its verification, and another one. */
export function EmailSection() {
  const { sends_mail } = useTenant();
  const { data: ways } = useQuery(waysToSignInQuery);
  const hasPassword = ways?.has_password !== false;
  return (
    <AccountSection title="Email" about="You sign in with it.">
      <Stack>
        <PresentEmail />
        {sends_mail ? (
          hasPassword ? (
            <ChangeForm />
          ) : (
            <Text size="sm">Set a password first to change it.</Text>
          )
        ) : (
          <Text size="sm">Ask your administrator to change it.</Text>
        )}
      </Stack>
    </AccountSection>
  );
}
