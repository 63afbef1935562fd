import { Button, Center } from '@mantine/core';
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
