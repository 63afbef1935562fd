import {
  ActionIcon,
  AppShell,
  Button,
  Container,
  Divider,
  Drawer,
  Group,
  ScrollArea,
  Text,
} from '@mantine/core';
import { IconMenu2 } from '@tabler/icons-react';
import { type ReactNode, useRef, useState } from 'react';
import { Link, ScrollRestoration, useLocation } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { BrandMark } from '../../../ui/brand-mark.tsx';
import { ColorSchemeToggle } from '../../../ui/color-scheme-toggle.tsx';
import { useAuth } from '../../auth/auth-context.tsx';
import classes from './reference-layout.module.css';

/** A link to the app, or to the login page and back. Empty while a stored session is checked. */
function AccountLink() {
  const { user } = useAuth();
  const { pathname, hash } = useLocation();
  if (user === undefined) return null;
  return user === null ? (
    <Button component={Link} to={paths.login} state={{ from: pathname + hash }} size="sm" variant="default">
      Sign in
    </Button>
  ) : (
    <Button component={Link} to={paths.apiKeys} size="sm" variant="default">
      Your API keys
    </Button>
  );
}

/** The navigation on a phone, behind a button. It closes when a link is followed; closing it by hand focuses the button. */
function NavigationDrawer({ children }: { children: ReactNode }) {
  const { key } = useLocation();
  const [openedAt, setOpenedAt] = useState<string | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const isOpen = openedAt === key;
  const close = () => {
    setOpenedAt(null);
    button.current?.focus();
  };
  return (
    <>
      <ActionIcon
        ref={button}
        size="lg"
        onClick={() => setOpenedAt(key)}
        hiddenFrom="md"
        aria-label="Contents"
        aria-expanded={isOpen}
      >
        <IconMenu2 size={20} stroke={1.7} />
      </ActionIcon>
      <Drawer opened={isOpen} onClose={close} returnFocus={false} title="Contents" size="sm">
        {children}
      </Drawer>
    </>
  );
}

type ReferenceLayoutProps = { navigation: ReactNode; children: ReactNode };

/** The frame of the reference. It is open to everybody, so it shows the tenant's brand and no wallet. */
export function ReferenceLayout({ navigation, children }: ReferenceLayoutProps) {
  return (
    <AppShell
      header={{ height: 60 }}
      navbar={{ width: 304, breakpoint: 'md', collapsed: { mobile: true } }}
      padding={{ base: 'md', sm: 'xl' }}
    >
      <a href="#main" className="skip-link">
        Skip to content
      </a>
      <AppShell.Header px={{ base: 'md', sm: 'lg' }}>
        <Group h="100%" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="sm" wrap="nowrap" miw={0}>
            {navigation !== null && <NavigationDrawer>{navigation}</NavigationDrawer>}
            <BrandMark linked />
            <Divider orientation="vertical" my="lg" visibleFrom="sm" />
            <Text size="sm" c="dimmed" visibleFrom="sm">
              API reference
            </Text>
          </Group>
          <Group gap={6} wrap="nowrap">
            <ColorSchemeToggle />
            <AccountLink />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar visibleFrom="md" component="div">
        <ScrollArea h="100%" type="hover" px="sm" pb="sm">
          {navigation}
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} className={classes.main}>
        <Container size={1120} p={0}>
          {children}
        </Container>
      </AppShell.Main>
      <ScrollRestoration />
    </AppShell>
  );
}
