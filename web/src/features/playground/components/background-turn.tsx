import { Anchor, Group, Loader, Paper, Stack, Text } from '@mantine/core';
import { useCallback } from 'react';
import { Link } from 'react-router';
import type { Execution } from '../../../../../contracts/api/executions.ts';
import { ApiError } from '../../../lib/api-client.ts';
import { formatTokens, sentence } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { useNow } from '../../../lib/use-now.ts';
import { AnswerText } from '../../../ui/answer-text.tsx';
import { fetchExecution } from '../../executions/api/executions.ts';
import { Cancellation } from '../../executions/components/cancellation.tsx';
import { ExecutionStatus } from '../../executions/components/execution-status.tsx';
import { useWatching } from '../../executions/use-watching.ts';
import { useTokenWallet } from '../../wallet/token-wallet-context.tsx';
import { AnswerFacts } from './answer-facts.tsx';
import classes from './playground.module.css';

const ReceiptLink = ({ id }: { id: string }) => (
  <Anchor component={Link} to={paths.execution(id)} size="sm" underline="always">
    Open the receipt
  </Anchor>
);

/** What has been tried so far: one attempt per delivery, and the next one after a wait. */
function attemptsText({ attempts }: Execution): string {
  if (attempts.length === 0) return '';
  return attempts.length === 1 ? ' · 1 attempt failed' : ` · ${attempts.length} attempts failed`;
}

type ProgressProps = { execution: Execution; onCancelled: () => void };

function Progress({ execution, onCancelled }: ProgressProps) {
  const seconds = Math.max(0, Math.round((useNow() - Date.parse(execution.created_at)) / 1_000));
  return (
    <Paper withBorder className={classes.answer} aria-busy>
      <Group justify="space-between" pb={6}>
        <Group gap="xs">
          <Loader size={14} aria-hidden />
          <Text size="sm" c="dimmed" className="figure">
            Running in the background · {seconds} s{attemptsText(execution)}
          </Text>
        </Group>
        <Group gap="sm">
          <ReceiptLink id={execution.id} />
          <Cancellation execution={execution} size="xs" onCancelled={onCancelled} />
        </Group>
      </Group>
    </Paper>
  );
}

/** It ended without an answer. */
function Ended({ execution: { id, status, error_code, tokens_charged } }: { execution: Execution }) {
  const charge = tokens_charged === 0 ? 'Nothing was' : `${formatTokens(tokens_charged)} tokens were`;
  return (
    <Paper withBorder className={classes.answer}>
      <Group justify="space-between" pb={6}>
        <Group gap="xs">
          <ExecutionStatus status={status} />
          <Text size="sm" c="dimmed">
            {error_code === null || error_code === status ? '' : `${sentence(error_code)}. `}
            {charge} charged.
          </Text>
        </Group>
        <ReceiptLink id={id} />
      </Group>
    </Paper>
  );
}

type BackgroundTurnProps = { execution: Execution; onChange: (execution: Execution) => void };

/** A run in the background: how it stands, the way to its receipt, and its answer once that is there. */
export function BackgroundTurn({ execution, onChange }: BackgroundTurnProps) {
  const { id, status, output_text } = execution;
  const { noteChange } = useTokenWallet();
  const look = useCallback(async () => {
    try {
      const next = await fetchExecution(id);
      onChange(next);
      if (next.status !== 'running') noteChange({ id, tokens: next.tokens_charged });
    } catch (error) {
      // The next round asks again.
      if (!(error instanceof ApiError)) throw error;
    }
  }, [id, onChange, noteChange]);
  useWatching(status === 'running', look);

  if (status === 'running') return <Progress execution={execution} onCancelled={look} />;
  if (status !== 'succeeded') return <Ended execution={execution} />;
  return (
    <Paper withBorder className={classes.answer} data-testid="answer">
      {output_text === null ? (
        <Stack gap={4}>
          <Text size="sm" c="dimmed">
            It was answered. The answer is not kept any more.
          </Text>
          <ReceiptLink id={id} />
        </Stack>
      ) : (
        <AnswerText text={output_text || 'The model gave an empty answer.'} />
      )}
      <AnswerFacts execution={execution} />
    </Paper>
  );
}
