import { Button, Group, List, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { formatAmount, useCurrency } from '../../../lib/currency.ts';
import { notify } from '../../../lib/notify.ts';
import { saveFile } from '../../../lib/save-file.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { FormModal } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { useAuth, useUser } from '../../auth/auth-context.tsx';
import { useTokenWallet } from '../../wallet/token-wallet-context.tsx';
import { closingFields, emptyClosing, readClosing } from '../account-drafts.ts';
import { downloadAccount, waysToSignInQuery } from '../api/account.ts';
import { AccountSection } from './account-form.tsx';

/** Downloads all that is kept of the user. */
export function ExportSection() {
  const { mutate, isPending } = useMutation({
    ...downloadAccount,
    onSuccess: (file) => saveFile(file, 'account.json'),
    onError: ({ message }) => notify({ color: 'yellow', title: 'The export was not downloaded', message }),
  });
  return (
    <AccountSection
      title="Your data"
      about="All that is kept of you: account, sessions, API keys without secrets, executions, prompts and answers, ledger, and what you did."
    >
      <Button
        w="fit-content"
        variant="default"
        leftSection={<IconDownload size={17} aria-hidden />}
        loading={isPending}
        onClick={() => mutate()}
      >
        Download as JSON
      </Button>
    </AccountSection>
  );
}

/** The consequences of closing an account. */
function Consequences() {
  const { wallet } = useTokenWallet();
  const currency = useCurrency();
  return (
    <Stack gap="xs">
      <Text size="sm" fw={550}>
        This cannot be undone.
      </Text>
      <List size="sm" spacing={4}>
        <List.Item>
          {wallet === null
            ? 'What is left of your balance is lost.'
            : `Your balance of ${formatAmount(wallet.available, currency)} is lost.`}
        </List.Item>
        <List.Item>You are signed out everywhere, and your API keys stop working.</List.Item>
        <List.Item>Your name, address, linked accounts, prompts and answers are removed.</List.Item>
        <List.Item>The ledger and the figures of your executions stay, without your name.</List.Item>
      </List>
    </Stack>
  );
}

function CloseDialog({ hasPassword, onClose }: { hasPassword: boolean; onClose: () => void }) {
  const { email } = useUser();
  const { closeAccount } = useAuth();
  const serverForm = useServerForm({
    initial: emptyClosing,
    fields: closingFields,
    read: (draft: typeof emptyClosing) => readClosing(draft, hasPassword),
    mutation: { mutationFn: closeAccount },
    onClose,
  });
  const { form } = serverForm;
  return (
    <FormModal title="Close your account?" action="Close the account" serverForm={serverForm}>
      <Consequences />
      {hasPassword ? (
        <PasswordInput
          label="Your password"
          autoComplete="current-password"
          data-autofocus
          {...form.getInputProps('password')}
        />
      ) : (
        <TextInput
          label={`Type your email address, ${email}`}
          type="email"
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('email')}
        />
      )}
    </FormModal>
  );
}

/** Closes the account. */
export function ClosingSection() {
  const { data: ways, error, refetch } = useQuery(waysToSignInQuery);
  const [isAsking, setAsking] = useState(false);
  return (
    <AccountSection title="Close the account" about="Removes what is personal. Download your data first.">
      {error !== null && <ErrorAlert error={error} onRetry={refetch} />}
      <Group>
        <Button variant="default" disabled={ways === undefined} onClick={() => setAsking(true)}>
          Close the account …
        </Button>
      </Group>
      {isAsking && ways !== undefined && (
        <CloseDialog hasPassword={ways.has_password} onClose={() => setAsking(false)} />
      )}
    </AccountSection>
  );
}
