import { ActionIcon, VisuallyHidden } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import type { NavigationLink } from './navigation-link.ts';

/** Loaded when it is first opened. */
const CommandPalette = lazy(async () => ({
  default: (await import('./command-palette.tsx')).CommandPalette,
}));

/** Opens the command palette, as Ctrl+K does, or Cmd+K on a Mac. Phones have no room for the button. */
export function CommandButton({ links }: { links: NavigationLink[] }) {
  const [opens, setOpens] = useState(0);
  const open = () => setOpens((count) => count + 1);
  // In text fields too.
  useHotkeys([['mod+K', open]], []);
  return (
    <>
      <ActionIcon
        size="lg"
        radius="xl"
        visibleFrom="sm"
        onClick={open}
        aria-label="Search"
        aria-keyshortcuts="Control+K Meta+K"
        title="Search (Ctrl+K)"
      >
        <IconSearch size={19} stroke={1.7} aria-hidden />
      </ActionIcon>
      {opens > 0 && (
        <Suspense fallback={<VisuallyHidden role="status">Loading the search</VisuallyHidden>}>
          <CommandPalette opens={opens} links={links} />
        </Suspense>
      )}
    </>
  );
}
