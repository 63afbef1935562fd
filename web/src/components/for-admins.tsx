import { Button } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { Link, Outlet } from 'react-router';
import { useUser } from '../contexts/auth-context.tsx';
import { usePageTitle } from '../hooks/use-page-title.ts';
import { paths } from '../lib/paths.ts';
import { EmptyState } from './empty-state.tsx';

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
