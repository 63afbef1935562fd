import { Button } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { Link, Outlet } from 'react-router';
import { useUser } from '../features/auth/auth-context.tsx';
import { paths } from '../lib/paths.ts';
import { usePageTitle } from '../lib/use-page-title.ts';
import { EmptyState } from '../ui/empty-state.tsx';

function Closed() {
  usePageTitle('For admins');
  return (
    <EmptyState
      isPage
      icon={<IconLock />}
      title="This page is for admins"
      action={
        <Button component={Link} to={paths.playground}>
          Go to the playground
        </Button>
      }
    >
      Ask an administrator if you need a change.
    </EmptyState>
  );
}

/** Shows its pages to admins only. The API checks the role itself. */
export function ForAdmins() {
  return useUser().role === 'user' ? <Closed /> : <Outlet />;
}
