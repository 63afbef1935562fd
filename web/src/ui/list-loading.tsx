import { Paper, Skeleton, Stack, VisuallyHidden } from '@mantine/core';

const ROWS = [78, 64, 71, 58, 69];

/** A skeleton of a list. */
export function ListLoading() {
  return (
    <Paper withBorder p="md" aria-busy>
      <VisuallyHidden>Loading</VisuallyHidden>
      <Stack gap="lg" py={6}>
        {ROWS.map((width) => (
          <Skeleton key={width} h={14} w={`${width}%`} />
        ))}
      </Stack>
    </Paper>
  );
}
