import { Anchor, Group, Loader, Paper, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link } from 'react-router';
import type { Execution } from '../../../../../contracts/api/executions.ts';
import { formatTokens, sentence } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { useNow } from '../../../lib/use-now.ts';
import { executionQuery } from '../../executions/api/executions.ts';
import { Cancellation } from '../../executions/components/cancellation.tsx';
import { useTokenWallet } from '../../wallet/token-wallet-context.tsx';
import type { LocalAnswer } from '../conversation-store.ts';
import { receiptOf } from '../use-run-prompt.ts';
import classes from './playground.module.css';

/** The number of failed attempts so far. Background runs wait between attempts. */
function attemptsText({ attempts }: Execution): string {
  if (attempts.length === 0) return '';
  return attempts.length === 1 ? ' · 1 attempt failed' : ` · ${attempts.length} attempts failed`;
}

/** The sentence for a run that ended without an answer. */
function failureOf({ error_code, status, tokens_charged }: Execution): LocalAnswer['failure'] {
  const reason = error_code === null || error_code === status ? sentence(status) : sentence(error_code);
  const charge = tokens_charged === 0 ? 'Nothing was' : `${formatTokens(tokens_charged)} tokens were`;
  return { code: error_code ?? status, message: `${reason}. ${charge} charged.` };
}

type BackgroundAnswerProps = {
  answer: LocalAnswer;
  executionId: string;
  /** Takes the answer once it has ended. */
  onEnd: (answer: LocalAnswer) => void;
};

/** An answer that is given in the background: its progress, with a link to its receipt. */
export function BackgroundAnswer({ answer, executionId, onEnd }: BackgroundAnswerProps) {
  const { simulated_providers } = useTenant();
  const { noteChange } = useTokenWallet();
  // An execution can be read a few seconds after it began.
  const { data: execution } = useQuery({ ...executionQuery(executionId), retry: 10, retryDelay: 1_000 });
  const seconds = Math.max(0, Math.round((useNow() - Date.parse(answer.created_at)) / 1_000));

  useEffect(() => {
    if (execution === undefined || execution.status === 'running') return;
    const hasAnswer = execution.status === 'succeeded';
    noteChange({ id: execution.id, tokens: execution.tokens_charged });
    onEnd({
      ...answer,
      state: hasAnswer ? 'succeeded' : 'failed',
      text: execution.output_text ?? '',
      failure: hasAnswer ? null : failureOf(execution),
      receipt: receiptOf(execution, simulated_providers),
    });
  }, [execution, answer, onEnd, noteChange, simulated_providers]);

  return (
    <Paper withBorder className={classes.answer} aria-busy>
      <Group justify="space-between" pb={6}>
        <Group gap="xs">
          <Loader size={14} aria-hidden />
          <Text size="sm" c="dimmed" className="figure">
            Running in the background · {seconds} s{execution === undefined ? '' : attemptsText(execution)}
          </Text>
        </Group>
        <Group gap="sm">
          <Anchor component={Link} to={paths.execution(executionId)} size="sm" underline="always">
            Open the receipt
          </Anchor>
          {execution !== undefined && <Cancellation execution={execution} size="xs" />}
        </Group>
      </Group>
    </Paper>
  );
}
