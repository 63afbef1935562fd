import { Button, Divider, Skeleton, Stack, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useCallback, useEffect, useState } from 'react';
import type { Execution } from '../../../../../contracts/api/executions.ts';
import { notify } from '../../../lib/notify.ts';
import { useAnswer } from '../../../lib/use-answer.ts';
import { AnswerText } from '../../../ui/answer-text.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { CopyIcon } from '../../../ui/copyable.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { deleteContent, fetchContent } from '../api/executions.ts';
import { Messages, ToolCalls } from './messages.tsx';
import { Section } from './section.tsx';

type Kept = Awaited<ReturnType<typeof fetchContent>>;

function Answer({ kept: { output_text, tool_calls }, isRunning }: { kept: Kept; isRunning: boolean }) {
  if (output_text === null)
    return (
      <Text size="sm" c="dimmed">
        {isRunning ? 'The answer will stand here.' : 'No answer was kept.'}
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

function Deletion({ execution, onDeleted }: { execution: Execution; onDeleted: () => void }) {
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
          mutation={{ mutationFn: () => deleteContent(execution.id) }}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            onDeleted();
            notify({ color: 'brand', title: 'Deleted', message: 'Nothing is kept of what was said.' });
          }}
        >
          They are gone for good. The receipt and the ledger stay: they say what it cost, and nothing of what
          was said.
        </ConfirmDialog>
      )}
    </>
  );
}

function OwnContent({ execution }: { execution: Execution }) {
  const { id, status } = execution;
  const { value: kept, error, reload } = useAnswer(useCallback(() => fetchContent(id), [id]));
  const messages = kept?.messages ?? null;
  const isRunning = status === 'running';

  // The answer comes with the end.
  useEffect(() => {
    if (status !== 'running') reload();
  }, [status, reload]);

  return (
    <Section
      title="What was said"
      actions={messages !== null && !isRunning && <Deletion execution={execution} onDeleted={reload} />}
    >
      {kept !== null && messages === null && (
        <Text size="sm" c="dimmed">
          Nothing is kept of the prompt and the answer.
        </Text>
      )}
      {error !== null && <ErrorAlert error={error} onRetry={reload} />}
      {kept === null && error === null && <Skeleton h={48} />}
      {kept !== null && messages !== null && (
        <Stack gap="md">
          <Messages messages={messages} />
          <Divider />
          <Answer kept={kept} isRunning={isRunning} />
        </Stack>
      )}
    </Section>
  );
}

/** The prompt and the answer, where they are kept: for their user's eyes alone. */
export function Content({ execution }: { execution: Execution }) {
  const isOwn = useUser().id === execution.user_id;
  if (isOwn) return <OwnContent execution={execution} />;
  return (
    <Section title="What was said">
      <Text size="sm" c="dimmed">
        Prompts and answers are shown to nobody but the person whose they are.
      </Text>
    </Section>
  );
}
