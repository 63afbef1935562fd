import { Button, Group, Text } from '@mantine/core';
import { IconUserShield } from '@tabler/icons-react';
import { useAuth, useUser } from '../features/auth/auth-context.tsx';
import { formatClock } from '../lib/format.ts';
import { useTenant } from '../lib/tenant-context.tsx';
import classes from './acting-banner.module.css';

/** Reminds a superadmin of acting inside a tenant, and leaves it. Nothing for users of the tenant. */
export function ActingBanner() {
  const { acting } = useUser();
  const { logOut } = useAuth();
  const { branding } = useTenant();
  if (acting === null) return null;
  return (
    <Group role="status" className={classes.banner} justify="space-between" gap="xs">
      <Group gap="xs" wrap="nowrap">
        <IconUserShield size={18} aria-hidden />
        <Text size="sm">
          You act inside {branding.name} as a superadmin until {formatClock(acting.expires_at)}. Everything
          you change is recorded.
        </Text>
      </Group>
      <Button size="xs" variant="default" onClick={() => logOut('here').catch(() => undefined)}>
        Leave
      </Button>
    </Group>
  );
}
