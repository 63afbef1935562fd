import { Alert, Group, Text } from '@mantine/core';
import { IconMail } from '@tabler/icons-react';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { ResendButton } from './resend-button.tsx';

/** Tells newcomers what their allocation waits for. */
export function AllocationNotice() {
  const { allocation_awaits, email } = useUser();
  const { sends_mail, currency_name } = useTenant();
  if (allocation_awaits === null) return null;
  // Where mail was turned off since, an administrator approves those who cannot verify.
  if (allocation_awaits === 'approval' || !sends_mail)
    return (
      <Alert color="yellow" mb="lg" title="An administrator approves your account">
        You get your {currency_name} then.
      </Alert>
    );
  return (
    <Alert
      color="yellow"
      mb="lg"
      icon={<IconMail aria-hidden />}
      title={`Verify your email address to get your ${currency_name}`}
    >
      <Group gap="sm">
        <Text size="sm">Use the link that was mailed to {email}.</Text>
        <ResendButton />
      </Group>
    </Alert>
  );
}
