import { Group, Loader, Text } from '@mantine/core';

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
