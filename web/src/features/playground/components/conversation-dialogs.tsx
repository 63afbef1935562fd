import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Conversation } from '../../../../../contracts/api/conversations.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { deleteConversation, deleteConversations, renameConversation } from '../api/conversations.ts';
import { useConversationStore } from '../conversation-context.tsx';

/** The open dialog about a conversation, or about all of them. */
export type ConversationAct =
  | { kind: 'rename' | 'delete'; conversation: Conversation }
  | { kind: 'delete-all' };

function RenameDialog({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const [title, setTitle] = useState(conversation.title);
  const { mutate, isPending, error } = useMutation(renameConversation(conversation.id));
  function submit(event: FormEvent) {
    event.preventDefault();
    if (title.trim() !== '') mutate(title.trim(), { onSuccess: onClose });
  }
  return (
    <Modal opened onClose={onClose} title="Rename conversation">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Title"
            maxLength={200}
            data-autofocus
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          {error !== null && <ErrorAlert error={error} />}
          <Group justify="end">
            <Button variant="default" onClick={onClose} disabled={isPending}>
              Cancel
            </Button>
            <Button type="submit" loading={isPending} disabled={title.trim() === ''}>
              Rename
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

type ConversationDialogsProps = {
  act: ConversationAct;
  openId: string | undefined;
  onNew: () => void;
  onClose: () => void;
};

/** Renames a conversation, or asks before one or all are deleted. */
export function ConversationDialogs({ act, openId, onNew, onClose }: ConversationDialogsProps) {
  const store = useConversationStore();
  if (act.kind === 'rename') return <RenameDialog conversation={act.conversation} onClose={onClose} />;
  if (act.kind === 'delete-all')
    return (
      <ConfirmDialog
        title="Delete all conversations"
        action="Delete all"
        isGrave
        mutation={deleteConversations}
        onClose={onClose}
        onDone={() => {
          store.forgetAll();
          onClose();
          onNew();
        }}
      >
        Every conversation is deleted with its messages and files. They cannot be restored. Your executions
        and what they cost stay.
      </ConfirmDialog>
    );
  const { id, title } = act.conversation;
  return (
    <ConfirmDialog
      title="Delete conversation"
      action="Delete"
      isGrave
      mutation={deleteConversation(id)}
      onClose={onClose}
      onDone={() => {
        store.forget(id);
        onClose();
        if (id === openId) onNew();
      }}
    >
      “{title}” is deleted with its messages and files. It cannot be restored. Its executions and what they
      cost stay.
    </ConfirmDialog>
  );
}
