import { Button, Divider, Skeleton, Stack, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Execution, KeptContent } from '../../../../../contracts/api/executions.ts';
import { notify } from '../../../lib/notify.ts';
import { AnswerText } from '../../../ui/answer-text.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { CopyIcon } from '../../../ui/copyable.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { contentQuery, deleteContent } from '../api/executions.ts';
import { Messages, ToolCalls } from './messages.tsx';
import { DetailSection } from './section.tsx';

type AnswerProps = { content: KeptContent; isRunning: boolean };

function Answer({ content: { output_text, tool_calls }, isRunning }: AnswerProps) {
  if (output_text === null)
    return (
      <Text size="sm" c="dimmed">
        {isRunning ? 'The answer appears here when it is complete.' : 'No answer is stored.'}
      </Text>
    );
  return (
    <>
      <Text size="xs" c="dimmed" fw={550}>
        Answer <CopyIcon value={output_text} label="Copy the answer" />
      </Text>
      {output_text !== '' && <AnswerText text={output_text} />}
      <ToolCalls calls={tool_calls ?? []} />
    </>
  );
}

function Deletion({ executionId }: { executionId: string }) {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconTrash size={15} aria-hidden />}
        onClick={() => setAsking(true)}
      >
        Delete
      </Button>
      {isAsking && (
        <ConfirmDialog
          title="Delete the prompt and the answer?"
          action="Delete both"
          isGrave
          mutation={deleteContent(executionId)}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            notify({ color: 'brand', title: 'Deleted', message: 'The prompt and the answer are deleted.' });
          }}
        >
          You cannot restore them. The receipt and the ledger stay: they hold amounts, and no text.
        </ConfirmDialog>
      )}
    </>
  );
}

function OwnContent({ execution }: { execution: Execution }) {
  const { data: content, error, refetch } = useQuery(contentQuery(execution));
  const messages = content?.messages ?? null;
  const isRunning = execution.status === 'running';
  return (
    <DetailSection
      title="Prompt and answer"
      actions={messages !== null && !isRunning && <Deletion executionId={execution.id} />}
    >
      {content !== undefined && messages === null && (
        <Text size="sm" c="dimmed">
          The prompt and the answer are not stored.
        </Text>
      )}
      {error !== null && <ErrorAlert error={error} onRetry={refetch} />}
      {content === undefined && error === null && <Skeleton h={48} />}
      {content !== undefined && messages !== null && (
        <Stack gap="md">
          <Messages messages={messages} />
          <Divider />
          <Answer content={content} isRunning={isRunning} />
        </Stack>
      )}
    </DetailSection>
  );
}

/** The stored prompt and answer, shown only to the user who ran them. */
export function Content({ execution }: { execution: Execution }) {
  const isOwn = useUser().id === execution.user_id;
  if (isOwn) return <OwnContent execution={execution} />;
  return (
    <DetailSection title="Prompt and answer">
      <Text size="sm" c="dimmed">
        Prompts and answers are visible only to the user who ran them.
      </Text>
    </DetailSection>
  );
}
