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
          To the playground
        </Button>
      }
    >
      Ask an administrator if you need something changed.
    </EmptyState>
  );
}

/** Pages for a tenant's admins. The API decides who may; this only spares others a refusal. */
export function ForAdmins() {
  return useUser().role === 'user' ? <Closed /> : <Outlet />;
}
