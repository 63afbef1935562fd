import { Button, Group, Loader, Paper, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { ApiError } from '../../../lib/api-client.ts';
import { formatTokens } from '../../../lib/format.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { useNow } from '../../../lib/use-now.ts';
import { AnswerText } from '../../../ui/answer-text.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { executionQuery } from '../../executions/api/executions.ts';
import { useFeature } from '../../levels/use-feature.ts';
import { useTokenWallet } from '../../wallet/token-wallet-context.tsx';
import type { LocalAnswer } from '../conversation-store.ts';
import { type RunOptions, receiptOf } from '../use-run-prompt.ts';
import { AnswerFacts } from './answer-facts.tsx';
import { BackgroundAnswer } from './background-answer.tsx';
import classes from './playground.module.css';

/** The model's reasoning, folded. */
function Reasoning({ text }: { text: string }) {
  if (text === '') return null;
  return (
    <details className={classes.reasoning}>
      <summary>Reasoning</summary>
      <Text size="sm" c="dimmed" className="prose">
        {text}
      </Text>
    </details>
  );
}

/** A run in progress: the answer so far, and the seconds since its start. */
function Waiting({ answer, startedAtMs }: { answer: LocalAnswer; startedAtMs: number }) {
  const seconds = Math.max(0, Math.round((useNow() - startedAtMs) / 1_000));
  const verb = answer.text === '' && answer.reasoning !== '' ? 'is reasoning' : 'is answering';
  return (
    <Paper withBorder className={classes.answer} aria-busy>
      <Stack gap="sm" pb="sm">
        <Group gap="xs">
          <Loader size={14} aria-hidden />
          <Text size="sm" c="dimmed" className="figure">
            {answer.model} {verb}
            {seconds > 2 ? ` · ${seconds} s` : ''}
          </Text>
        </Group>
        {answer.text === '' ? (
          <>
            <Skeleton h={12} w="92%" />
            <Skeleton h={12} w="74%" />
          </>
        ) : (
          <AnswerText text={answer.text} />
        )}
      </Stack>
    </Paper>
  );
}

/** The note on a stopped answer, with what it cost once that is known. */
function Stopped({ answer, onEnd }: { answer: LocalAnswer; onEnd: (answer: LocalAnswer) => void }) {
  const { simulated_providers } = useTenant();
  const { noteChange } = useTokenWallet();
  const { execution_id, receipt } = answer;
  const { data: execution } = useQuery({
    ...executionQuery(execution_id ?? ''),
    enabled: execution_id !== null && receipt === null,
    // Its end reaches the database a few seconds later.
    ...{ retry: 10, retryDelay: 1_000 },
  });
  useEffect(() => {
    if (receipt !== null || execution === undefined || execution.status === 'running') return;
    noteChange(null);
    onEnd({ ...answer, receipt: receiptOf(execution, simulated_providers) });
  }, [execution, receipt, answer, onEnd, noteChange, simulated_providers]);
  if (receipt === null)
    return <span>You stopped this answer. You pay for the part the provider charges.</span>;
  return (
    <span>
      You stopped this answer.{' '}
      {receipt.tokens_charged === 0
        ? 'It cost nothing.'
        : `It cost ${formatTokens(receipt.tokens_charged)} tokens.`}
    </span>
  );
}

type FailedProps = { answer: LocalAnswer; onRetry: ((options: RunOptions) => void) | undefined };

/** A failure, with what came of the answer before, and the ways to go on. */
function Failed({ answer, onRetry }: FailedProps) {
  const canRunInBackground = useFeature('background_runs');
  const { failure, text, error } = answer;
  const known = error ?? new ApiError('internal', failure?.message ?? 'The answer failed.', null);
  const code = error?.code ?? failure?.code;
  const action =
    onRetry === undefined ? undefined : code === 'insufficient_balance' ? (
      <Button size="xs" onClick={() => onRetry({ fits: true })}>
        Shorten to what fits
      </Button>
    ) : code === 'provider_failed' && canRunInBackground ? (
      <Button size="xs" variant="default" onClick={() => onRetry({ inBackground: true })}>
        Keep trying in the background
      </Button>
    ) : undefined;
  return (
    <Stack gap="sm">
      {text !== '' && (
        <Paper withBorder className={classes.answer}>
          <AnswerText text={text} />
        </Paper>
      )}
      <ErrorAlert
        error={known}
        onRetry={onRetry === undefined ? undefined : () => onRetry({})}
        action={action}
      >
        {code === 'unreachable' && (
          <Text size="sm">
            The prompt may still have run. Check your executions before you send it again.
          </Text>
        )}
      </ErrorAlert>
    </Stack>
  );
}

type AnswerViewProps = {
  answer: LocalAnswer;
  /** Gives another answer; undefined while one is running. */
  onRegenerate: ((options: RunOptions) => void) | undefined;
  /** Takes the answer when its figures or its end are known. */
  onEnd: (answer: LocalAnswer) => void;
  /** The switch between answers. */
  children: ReactNode;
};

/** An answer in any state. */
export function AnswerView({ answer, onRegenerate, onEnd, children }: AnswerViewProps) {
  const { live, state, text, reasoning, execution_id } = answer;
  if (live !== undefined) return <Waiting answer={answer} startedAtMs={live.started_at_ms} />;
  if (state === 'running' && execution_id !== null)
    return <BackgroundAnswer answer={answer} executionId={execution_id} onEnd={onEnd} />;
  if (state === 'failed')
    return (
      <>
        <Failed answer={answer} onRetry={onRegenerate} />
        <Group justify="end">{children}</Group>
      </>
    );
  return (
    <Paper withBorder className={classes.answer} data-testid={state === 'succeeded' ? 'answer' : undefined}>
      <Reasoning text={reasoning} />
      {(text !== '' || state === 'succeeded') && (
        <AnswerText text={text || 'The model gave an empty answer.'} />
      )}
      <AnswerFacts answer={answer} onRegenerate={onRegenerate && (() => onRegenerate({}))}>
        {children}
        {state === 'stopped' && <Stopped answer={answer} onEnd={onEnd} />}
      </AnswerFacts>
    </Paper>
  );
}
