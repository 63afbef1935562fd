import { Button, Group, Modal, Text } from '@mantine/core';

type DiscardQuestionProps = { onKeep: () => void; onDiscard: () => void };

/** Asks before changes of a form are lost. */
export function DiscardQuestion({ onKeep, onDiscard }: DiscardQuestionProps) {
  return (
    <Modal opened onClose={onKeep} title="Discard your changes?" size="sm">
      <Text size="sm" mb="lg">
        Your changes are not saved.
      </Text>
      <Group justify="end">
        <Button variant="default" onClick={onKeep} data-autofocus>
          Keep editing
        </Button>
        <Button color="red.9" onClick={onDiscard}>
          Discard
        </Button>
      </Group>
    </Modal>
  );
}
