import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { Link } from 'react-router';
import { paths } from '../lib/paths.ts';
import { usePageTitle } from '../lib/use-page-title.ts';
import { EmptyState } from '../ui/empty-state.tsx';

export function NotFoundPage() {
  usePageTitle('Not found');
  return (
    <EmptyState
      isPage
      icon={<IconMapQuestion />}
      title="Page not found"
      action={
        <Button component={Link} to={paths.home}>
          Go to Home
        </Button>
      }
    >
      The address may be mistyped, or the page was removed.
    </EmptyState>
  );
}
