import { Alert, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** Says that a link of a mail does not work. `children` is what to do about it. */
export function DeadLink({ children }: { children: ReactNode }) {
  return (
    <Stack>
      <Alert color="yellow" role="alert" title="This link does not work">
        It was used or replaced by a newer one, or has expired.
      </Alert>
      <Text size="sm">{children}</Text>
    </Stack>
  );
}
