import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { type UseMutationOptions, useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ApiError } from '../lib/api-client.ts';
import { ErrorAlert } from './error-alert.tsx';

type ConfirmDialogProps<Answer> = {
  title: string;
  /** The consequences, in words. */
  children: ReactNode;
  /** The button's label: a verb. */
  action: string;
  isGrave?: boolean;
  isDisabled?: boolean;
  mutation: UseMutationOptions<Answer, ApiError, void>;
  onClose: () => void;
  onDone: (answer: Answer) => void;
};

/** Asks for confirmation, then runs a mutation. */
export function ConfirmDialog<Answer>(props: ConfirmDialogProps<Answer>) {
  const { title, children, action, isGrave = false, isDisabled = false, mutation, onClose, onDone } = props;
  const { mutate, isPending, error } = useMutation(mutation);
  return (
    <Modal opened onClose={onClose} title={title}>
      <Stack>
        <Text size="sm" component="div">
          {children}
        </Text>
        {error !== null && <ErrorAlert error={error} />}
        <Group justify="end">
          <Button variant="default" onClick={onClose} disabled={isPending}>
            Cancel
          </Button>
          <Button
            color={isGrave ? 'red.9' : 'brand'}
            onClick={() => mutate(undefined, { onSuccess: onDone })}
            loading={isPending}
            disabled={isDisabled}
          >
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
