import { Button, Group, Text } from '@mantine/core';

type SaveBarProps = { isSending: boolean; onDiscard: () => void };

/** Saves or discards the changes of a form. Shown while there are any. */
export function SaveBar({ isSending, onDiscard }: SaveBarProps) {
  return (
    <Group justify="space-between" gap="sm">
      <Text size="sm" c="dimmed" role="status">
        Not saved yet
      </Text>
      <Group gap="sm">
        <Button variant="default" onClick={onDiscard} disabled={isSending}>
          Discard
        </Button>
        <Button type="submit" loading={isSending}>
          Save
        </Button>
      </Group>
    </Group>
  );
}
