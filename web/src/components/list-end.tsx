import { Button, Center } from '@mantine/core';
import type { Pages } from '../hooks/use-pages.ts';

/** The foot of a list that is read page by page. */
export function ListEnd({ pages }: { pages: Pages<unknown> }) {
  if (!pages.hasMore) return null;
  return (
    <Center mt="md">
      <Button variant="default" onClick={pages.loadMore} loading={pages.loading}>
        Load more
      </Button>
    </Center>
  );
}
