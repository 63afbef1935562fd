import { Anchor, Group, Loader, Paper, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link } from 'react-router';
import type { Execution } from '../../../../../contracts/api/executions.ts';
import { formatAmount, useCurrency } from '../../../lib/currency.ts';
import { sentence } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { useNow } from '../../../lib/use-now.ts';
import { AnswerText } from '../../../ui/answer-text.tsx';
import { executionQuery } from '../../executions/api/executions.ts';
import { Cancellation } from '../../executions/components/cancellation.tsx';
import { ExecutionStatus } from '../../executions/components/execution-status.tsx';
import { useTokenWallet } from '../../wallet/token-wallet-context.tsx';
import { AnswerFacts } from './answer-facts.tsx';
import classes from './playground.module.css';

const ReceiptLink = ({ id }: { id: string }) => (
  <Anchor component={Link} to={paths.execution(id)} size="sm" underline="always">
    Open the receipt
  </Anchor>
);

/** The number of failed attempts so far. Background runs wait between attempts. */
function attemptsText({ attempts }: Execution): string {
  if (attempts.length === 0) return '';
  return attempts.length === 1 ? ' · 1 attempt failed' : ` · ${attempts.length} attempts failed`;
}

function Progress({ execution }: { execution: Execution }) {
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
          <Cancellation execution={execution} size="xs" />
        </Group>
      </Group>
    </Paper>
  );
}

/** A run that ended without an answer. */
function Ended({ execution: { id, status, error_code, tokens_charged } }: { execution: Execution }) {
  const currency = useCurrency();
  const charge =
    tokens_charged === 0
      ? 'Nothing was charged.'
      : `You were charged ${formatAmount(tokens_charged, currency)}.`;
  return (
    <Paper withBorder className={classes.answer}>
      <Group justify="space-between" pb={6}>
        <Group gap="xs">
          <ExecutionStatus status={status} />
          <Text size="sm" c="dimmed">
            {error_code === null || error_code === status ? '' : `${sentence(error_code)}. `}
            {charge}
          </Text>
        </Group>
        <ReceiptLink id={id} />
      </Group>
    </Paper>
  );
}

type BackgroundTurnProps = { execution: Execution; onChange: (execution: Execution) => void };

/** A background run: its progress, then its answer, with a link to its receipt. */
export function BackgroundTurn({ execution, onChange }: BackgroundTurnProps) {
  const { id, status, output_text } = execution;
  const { noteChange } = useTokenWallet();
  const isRunning = status === 'running';
  const { data: next } = useQuery({ ...executionQuery(id), enabled: isRunning });

  // The conversation keeps the execution: it outlives this page and its queries.
  useEffect(() => {
    if (!isRunning || next === undefined || next === execution) return;
    onChange(next);
    if (next.status !== 'running') noteChange({ id, tokens: next.tokens_charged });
  }, [isRunning, next, execution, id, onChange, noteChange]);

  if (isRunning) return <Progress execution={execution} />;
  if (status !== 'succeeded') return <Ended execution={execution} />;
  return (
    <Paper withBorder className={classes.answer} data-testid="answer">
      {output_text === null ? (
        <Stack gap={4}>
          <Text size="sm" c="dimmed">
            The run succeeded. Its answer is no longer stored.
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
