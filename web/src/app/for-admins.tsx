import { Button } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { Link, Navigate, Outlet } from 'react-router';
import { useUser } from '../features/auth/auth-context.tsx';
import { paths } from '../lib/paths.ts';
import { usePageTitle } from '../lib/use-page-title.ts';
import { EmptyState } from '../ui/empty-state.tsx';

function Closed({ to }: { to: 'admins' | 'superadmins' }) {
  usePageTitle(`For ${to}`);
  return (
    <EmptyState
      isPage
      icon={<IconLock />}
      title={`This page is for ${to}`}
      action={
        <Button component={Link} to={paths.home}>
          Go to Home
        </Button>
      }
    >
      Ask an administrator if you need a change.
    </EmptyState>
  );
}

/** Shows its pages to admins only. The API checks the role itself. */
export function ForAdmins() {
  return useUser().role === 'user' ? <Closed to="admins" /> : <Outlet />;
}

/** Shows its pages to superadmins only, who are users of the platform. */
export function ForSuperadmins() {
  return useUser().role === 'superadmin' ? <Outlet /> : <Closed to="superadmins" />;
}

/** Shows its pages to users of the tenant. A superadmin who acts inside it has no wallet there, and is sent to its administration. */
export function ForUsers() {
  return useUser().acting === null ? <Outlet /> : <Navigate to={paths.users} replace />;
}
