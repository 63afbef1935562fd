import {
  AppShell,
  Burger,
  Container,
  Divider,
  Group,
  NavLink,
  Skeleton,
  Stack,
  Text,
  VisuallyHidden,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconHistory, IconMessage2, IconUsers, IconWallet } from '@tabler/icons-react';
import { Suspense } from 'react';
import { Outlet, NavLink as RouterLink, useLocation } from 'react-router';
import { useUser } from '../contexts/auth-context.tsx';
import { useTenant } from '../contexts/tenant-context.tsx';
import { paths } from '../lib/paths.ts';
import { BalancePill } from './balance-pill.tsx';
import { BrandMark } from './brand-mark.tsx';
import { UserMenu } from './user-menu.tsx';

const everybodysLinks = [
  { to: paths.playground, label: 'Playground', icon: IconMessage2 },
  { to: paths.executions, label: 'Executions', icon: IconHistory },
  { to: paths.wallet, label: 'Wallet', icon: IconWallet },
];
const adminLinks = [{ to: paths.users, label: 'Users', icon: IconUsers }];

function Navigation({ onNavigate }: { onNavigate: () => void }) {
  const { role } = useUser();
  const { pathname } = useLocation();
  const links = role === 'user' ? everybodysLinks : [...everybodysLinks, ...adminLinks];
  const isActive = (to: string) => (to === '/' ? pathname === '/' : pathname.startsWith(to));
  return (
    <Stack gap={4}>
      {links.map(({ to, label, icon: Icon }) => (
        <NavLink
          key={to}
          component={RouterLink}
          to={to}
          label={label}
          leftSection={<Icon size={20} stroke={1.6} />}
          active={isActive(to)}
          onClick={onNavigate}
          className="nav-link"
        />
      ))}
    </Stack>
  );
}

/** The frame of every private page: brand and balance on top, navigation at the side (a drawer on phones). */
export function AppLayout() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const { simulated_providers } = useTenant();
  return (
    <AppShell
      header={{ height: 60 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', sm: 'xl' }}
    >
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
            <BrandMark />
          </Group>
          <Group gap="sm" wrap="nowrap">
            <BalancePill />
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label="Main">
        <AppShell.Section grow>
          <Navigation onNavigate={close} />
        </AppShell.Section>
        {simulated_providers.length > 0 && (
          <AppShell.Section>
            <Divider mb="sm" />
            <Text size="xs" c="dimmed" px="xs">
              Local stack: answers of {simulated_providers.join(', ')} are simulated.
            </Text>
          </AppShell.Section>
        )}
      </AppShell.Navbar>
      <AppShell.Main>
        <Container size="lg" p={0}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </Container>
      </AppShell.Main>
    </AppShell>
  );
}

function Loading() {
  return (
    <Stack>
      <VisuallyHidden>Loading</VisuallyHidden>
      <Skeleton h={36} w={220} />
      <Skeleton h={240} />
    </Stack>
  );
}
