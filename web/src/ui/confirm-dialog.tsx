import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSending } from '../lib/use-sending.ts';
import { ErrorAlert } from './error-alert.tsx';

type ConfirmDialogProps<Value> = {
  title: string;
  /** What will happen, in words. */
  children: ReactNode;
  /** What the button does: a verb. */
  action: string;
  isGrave?: boolean;
  isDisabled?: boolean;
  send: () => Promise<Value>;
  onClose: () => void;
  onDone: (value: Value) => void;
};

/** Asks once before something that others will feel. */
export function ConfirmDialog<Value>(props: ConfirmDialogProps<Value>) {
  const { title, children, action, isGrave = false, isDisabled = false, onClose, onDone } = props;
  const { send, isSending, error } = useSending();
  return (
    <Modal opened onClose={onClose} title={title}>
      <Stack>
        <Text size="sm" component="div">
          {children}
        </Text>
        {error !== null && <ErrorAlert error={error} />}
        <Group justify="end">
          <Button variant="default" onClick={onClose} disabled={isSending}>
            Cancel
          </Button>
          <Button
            color={isGrave ? 'red.9' : 'brand'}
            onClick={() => send(props.send, onDone)}
            loading={isSending}
            disabled={isDisabled}
          >
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
