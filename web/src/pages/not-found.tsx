import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { Link } from 'react-router';
import { EmptyState } from '../components/empty-state.tsx';
import { usePageTitle } from '../hooks/use-page-title.ts';
import { paths } from '../lib/paths.ts';

export function NotFoundPage() {
  usePageTitle('Not found');
  return (
    <EmptyState
      isPage
      icon={<IconMapQuestion />}
      title="There is no page here"
      action={
        <Button component={Link} to={paths.playground}>
          To the playground
        </Button>
      }
    >
      The address may be mistyped, or what was here is gone.
    </EmptyState>
  );
}
