import { Badge, Group, Menu, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconBook2, IconLifebuoy, IconLogout, IconUserCog } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useAuth, useUser } from '../features/auth/auth-context.tsx';
import { notify } from '../lib/notify.ts';
import { paths } from '../lib/paths.ts';
import { useTenant } from '../lib/tenant-context.tsx';
import { UserAvatar } from './user-avatar.tsx';

/** The account menu: the user, their account, the API reference, and signing out. */
export function UserMenu() {
  const user = useUser();
  const { support_email } = useTenant();
  const { logOut } = useAuth();
  const leave = () =>
    logOut('here').catch(() =>
      notify({
        color: 'yellow',
        title: 'Signed out in this browser only',
        message: 'The server could not be reached, where the session is still open.',
      }),
    );
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <UnstyledButton bdrs="xl">
          <VisuallyHidden>Account</VisuallyHidden>
          <UserAvatar />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Group gap="xs" p="sm" wrap="nowrap" justify="space-between">
          <div>
            <Text size="sm" fw={600} lineClamp={1}>
              {user.name ?? user.email}
            </Text>
            <Text size="xs" c="dimmed" lineClamp={1}>
              {user.email}
            </Text>
          </div>
          <Badge variant="light">{user.level.name}</Badge>
        </Group>
        <Menu.Divider />
        {user.acting === null && (
          <Menu.Item component={Link} to={paths.account} leftSection={<IconUserCog size={16} />}>
            Account
          </Menu.Item>
        )}
        <Menu.Item component={Link} to={paths.apiReference} leftSection={<IconBook2 size={16} />}>
          API reference
        </Menu.Item>
        {support_email !== null && (
          <Menu.Item component="a" href={`mailto:${support_email}`} leftSection={<IconLifebuoy size={16} />}>
            Contact support
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={leave}>
          {user.acting === null ? 'Sign out' : 'Leave the tenant'}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
