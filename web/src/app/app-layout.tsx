import { AppShell, Container, Group, NavLink, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core';
import {
  IconBuildingStore,
  IconChartBar,
  IconCoins,
  IconCpu,
  IconDots,
  IconHistory,
  IconHome,
  IconKey,
  IconListDetails,
  IconListSearch,
  IconMessage2,
  IconPlugConnected,
  IconScale,
  IconServer,
  IconSettings,
  IconStairs,
  IconUsers,
  IconWallet,
  IconWebhook,
  IconWorld,
} from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { Outlet, Link as RouterLink, ScrollRestoration, useLocation } from 'react-router';
import { AllocationNotice } from '../features/account/components/allocation-notice.tsx';
import { AlertBell } from '../features/alerts/components/alert-bell.tsx';
import { useUser } from '../features/auth/auth-context.tsx';
import { BalancePill } from '../features/wallet/components/balance-pill.tsx';
import { providerNameOf, sentenceList } from '../lib/format.ts';
import { paths } from '../lib/paths.ts';
import { useTenant } from '../lib/tenant-context.tsx';
import { BrandMark } from '../ui/brand-mark.tsx';
import { ColorSchemeToggle } from '../ui/color-scheme-toggle.tsx';
import { ActingBanner } from './acting-banner.tsx';
import classes from './app-layout.module.css';
import { CommandButton } from './command-button.tsx';
import type { Destination, NavigationLink } from './navigation-link.ts';
import { UserAvatar } from './user-avatar.tsx';

/** Menus are loaded after the page: until then, what opens them is shown. */
const UserMenu = lazy(async () => ({ default: (await import('./user-menu.tsx')).UserMenu }));
const MoreMenu = lazy(async () => ({ default: (await import('./more-menu.tsx')).MoreMenu }));

const userLinks: Destination[] = [
  { to: paths.home, label: 'Home', icon: IconHome },
  { to: paths.playground, label: 'Playground', icon: IconMessage2 },
  { to: paths.usage, label: 'Usage', icon: IconChartBar },
  { to: paths.executions, label: 'Executions', icon: IconHistory },
  { to: paths.wallet, label: 'Wallet', icon: IconWallet },
  { to: paths.apiKeys, label: 'API keys', icon: IconKey },
];
const managementKeysLink: Destination = {
  to: paths.managementKeys,
  label: 'Management keys',
  icon: IconServer,
};

const adminLinks: Destination[] = [
  { to: paths.users, label: 'Users', icon: IconUsers },
  { to: paths.levels, label: 'Levels', icon: IconStairs },
  { to: paths.providers, label: 'Providers', icon: IconPlugConnected },
  { to: paths.models, label: 'Models', icon: IconCpu },
  { to: paths.budget, label: 'Budget', icon: IconCoins },
  { to: paths.reconciliation, label: 'Reconciliation', icon: IconScale },
  { to: paths.audit, label: 'Audit log', icon: IconListDetails },
  { to: paths.domains, label: 'Domains', icon: IconWorld },
  managementKeysLink,
  { to: paths.webhooks, label: 'Webhooks', icon: IconWebhook },
  { to: paths.settings, label: 'Settings', icon: IconSettings },
];

const superadminLinks: Destination[] = [
  { to: paths.overview, label: 'Overview', icon: IconChartBar },
  { to: paths.tenants, label: 'Tenants', icon: IconBuildingStore },
  { to: paths.platformAudit(), label: 'All audit logs', icon: IconListSearch },
];

/** Pages without a wallet, for a superadmin who acts inside a tenant. */
const actingLinks = userLinks.filter(({ to }) => to === paths.executions || to === paths.usage);

/** The links for the user's role. `current` marks the open page. */
function useLinks(): { everyone: NavigationLink[]; admins: NavigationLink[] } {
  const { role, acting } = useUser();
  const { pathname } = useLocation();
  const withCurrent = (link: Destination) => ({
    ...link,
    current: link.to === '/' ? pathname === '/' : pathname.startsWith(link.to),
  });
  const administration = role === 'superadmin' ? [...superadminLinks, ...adminLinks] : adminLinks;
  // The keys of a tenant are for its own admins.
  const isOwnAdmin = role === 'admin' && acting === null;
  return {
    everyone: (acting === null ? userLinks : actingLinks).map(withCurrent),
    admins:
      role === 'user'
        ? []
        : administration.filter((link) => isOwnAdmin || link !== managementKeysLink).map(withCurrent),
  };
}

function SideLink({ link: { to, label, icon: Icon, current } }: { link: NavigationLink }) {
  return (
    <NavLink
      component={RouterLink}
      to={to}
      label={label}
      leftSection={<Icon size={20} stroke={1.7} aria-hidden />}
      active={current}
      aria-current={current ? 'page' : undefined}
      className={classes.navLink}
    />
  );
}

function SideNavigation() {
  const { everyone, admins } = useLinks();
  return (
    <Stack gap={4}>
      {everyone.map((link) => (
        <SideLink key={link.to} link={link} />
      ))}
      {admins.length > 0 && (
        <Text size="xs" fw={550} c="dimmed" px="sm" pt="md" pb={4}>
          Administration
        </Text>
      )}
      {admins.map((link) => (
        <SideLink key={link.to} link={link} />
      ))}
    </Stack>
  );
}

/** The pages that a phone's navigation shows beside its menu: it has room for five links. */
const onPhone: string[] = [paths.home, paths.playground, paths.usage, paths.wallet];

function BottomNavigation() {
  const { everyone, admins } = useLinks();
  const more = [...everyone.filter(({ to }) => !onPhone.includes(to)), ...admins];
  return (
    <>
      {everyone
        .filter(({ to }) => onPhone.includes(to))
        .map(({ to, label, icon: Icon, current }) => (
          <RouterLink
            key={to}
            to={to}
            className={`${classes.bottomLink} mantine-focus-auto`}
            aria-current={current ? 'page' : undefined}
          >
            <Icon size={22} stroke={1.7} aria-hidden />
            {label}
          </RouterLink>
        ))}
      <Suspense
        fallback={
          <div className={classes.bottomLink}>
            <IconDots size={22} stroke={1.7} aria-hidden />
            More
          </div>
        }
      >
        <MoreMenu links={more} />
      </Suspense>
    </>
  );
}

function SimulationNote() {
  const { simulated_providers } = useTenant();
  if (simulated_providers.length === 0) return null;
  return (
    <AppShell.Section p="xs">
      <Text size="xs" c="dimmed">
        Local stack: answers from {sentenceList(simulated_providers.map(providerNameOf))} are simulated.
      </Text>
    </AppShell.Section>
  );
}

/** The frame of every private page: brand and balance at the top, navigation at the side, or at the bottom on a phone. */
export function AppLayout() {
  const { acting } = useUser();
  const links = useLinks();
  return (
    <AppShell
      header={{ height: 60 }}
      navbar={{ width: 224, breakpoint: 'sm', collapsed: { mobile: true } }}
      footer={{ height: { base: 62, sm: 0 } }}
      padding={{ base: 'md', sm: 'xl' }}
    >
      <a href="#main" className="skip-link">
        Skip to content
      </a>
      <AppShell.Header px={{ base: 'md', sm: 'lg' }}>
        <Group h="100%" justify="space-between" wrap="nowrap" gap="xs">
          <BrandMark linked />
          <Group gap={6} wrap="nowrap">
            <CommandButton links={[...links.everyone, ...links.admins]} />
            {acting === null && <BalancePill />}
            <AlertBell />
            <ColorSchemeToggle />
            <Suspense fallback={<UserAvatar />}>
              <UserMenu />
            </Suspense>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label="Main" visibleFrom="sm">
        <AppShell.Section grow>
          <SideNavigation />
        </AppShell.Section>
        <SimulationNote />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} className={classes.main}>
        <Container size={1040} p={0}>
          <ActingBanner />
          <Suspense fallback={<Loading />}>
            {acting === null && <AllocationNotice />}
            <Outlet />
          </Suspense>
        </Container>
      </AppShell.Main>
      <AppShell.Footer hiddenFrom="sm" component="nav" aria-label="Main" className={classes.bottomBar}>
        <BottomNavigation />
      </AppShell.Footer>
      <ScrollRestoration />
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
