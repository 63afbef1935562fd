import { Button, Center, Group, Loader, Text } from '@mantine/core';
import type { Pages } from '../lib/use-pages.ts';

type ListEndProps = { pages: Pick<Pages<unknown>, 'hasMore' | 'loading' | 'loadMore'> };

/** The foot of a list that is read page by page. */
export function ListEnd({ pages }: ListEndProps) {
  if (!pages.hasMore) return null;
  return (
    <Center mt="md">
      <Button variant="default" onClick={pages.loadMore} loading={pages.loading}>
        Load more
      </Button>
    </Center>
  );
}

/** Shown while a list waits for its newest entries. */
export function CatchingUp({ when }: { when: boolean }) {
  return (
    <Group gap={6} h={22} role="status">
      {when && (
        <>
          <Loader size={12} aria-hidden />
          <Text size="xs" c="dimmed">
            Loading the newest entries
          </Text>
        </>
      )}
    </Group>
  );
}
