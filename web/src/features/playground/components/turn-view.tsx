import { Button, Group, Loader, Paper, Skeleton, Stack, Text } from '@mantine/core';
import { type Ref, useCallback } from 'react';
import type { Execution } from '../../../../../contracts/api/executions.ts';
import type { ApiError } from '../../../lib/api-client.ts';
import { useNow } from '../../../lib/use-now.ts';
import { AnswerText } from '../../../ui/answer-text.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useFeature } from '../../levels/use-feature.ts';
import { type Turn, useConversation } from '../conversation-context.tsx';
import { AnswerFacts } from './answer-facts.tsx';
import { BackgroundTurn } from './background-turn.tsx';
import classes from './playground.module.css';

/** A run in progress: the answer so far, and the seconds since its start. */
function Waiting({ turn, text }: { turn: Turn; text: string }) {
  const nowMs = useNow();
  const seconds = Math.max(0, Math.round((nowMs - turn.started_at_ms) / 1_000));
  return (
    <Paper withBorder className={classes.answer} aria-busy>
      <Stack gap="sm" pb="sm">
        <Group gap="xs">
          <Loader size={14} aria-hidden />
          <Text size="sm" c="dimmed" className="figure">
            {turn.model} is answering{seconds > 2 ? ` · ${seconds} s` : ''}
          </Text>
        </Group>
        {text === '' ? (
          <>
            <Skeleton h={12} w="92%" />
            <Skeleton h={12} w="74%" />
          </>
        ) : (
          <AnswerText text={text} />
        )}
      </Stack>
    </Paper>
  );
}

function DeferredOutcome({ turn, execution }: { turn: Turn; execution: Execution }) {
  const { putTurn } = useConversation();
  const change = useCallback(
    (next: Execution) => putTurn({ ...turn, outcome: { state: 'background', execution: next } }),
    [putTurn, turn],
  );
  return <BackgroundTurn execution={execution} onChange={change} />;
}

type OutcomeProps = { turn: Turn; onRetry: ((inBackground: boolean) => void) | undefined };

function Failed({ error, onRetry }: { error: ApiError; onRetry: OutcomeProps['onRetry'] }) {
  const canRunInBackground = useFeature('background_runs');
  if (onRetry === undefined) return <ErrorAlert error={error} />;
  return (
    <ErrorAlert
      error={error}
      onRetry={() => onRetry(false)}
      action={
        error.code === 'provider_failed' &&
        canRunInBackground && (
          <Button size="xs" variant="default" onClick={() => onRetry(true)}>
            Keep trying in the background
          </Button>
        )
      }
    >
      {error.code === 'unreachable' && (
        <Text size="sm">The prompt may still have run. Check your executions before you send it again.</Text>
      )}
    </ErrorAlert>
  );
}

function Outcome({ turn, onRetry }: OutcomeProps) {
  switch (turn.outcome.state) {
    case 'running':
      return <Waiting turn={turn} text={turn.outcome.text} />;
    case 'stopped':
      return (
        <Paper withBorder className={classes.answer}>
          {turn.outcome.text !== '' && <AnswerText text={turn.outcome.text} />}
          <div className={classes.facts}>
            <span>You stopped this answer. You pay for the part the provider charges.</span>
          </div>
        </Paper>
      );
    case 'failed':
      return <Failed error={turn.outcome.error} onRetry={onRetry} />;
    case 'answered':
      return (
        <Paper withBorder className={classes.answer} data-testid="answer">
          <AnswerText text={turn.outcome.execution.output_text || 'The model gave an empty answer.'} />
          <AnswerFacts execution={turn.outcome.execution} />
        </Paper>
      );
    case 'background':
      return <DeferredOutcome turn={turn} execution={turn.outcome.execution} />;
  }
}

type TurnViewProps = {
  turn: Turn;
  onRetry: ((inBackground: boolean) => void) | undefined;
  ref: Ref<HTMLDivElement> | undefined;
};

/** A prompt and its answer. */
export function TurnView({ turn, onRetry, ref }: TurnViewProps) {
  return (
    <Stack
      gap="md"
      component="article"
      aria-label={`Prompt to ${turn.model}`}
      className={classes.turn}
      ref={ref}
    >
      <Text className={`${classes.question} prose`}>{turn.prompt}</Text>
      <Outcome turn={turn} onRetry={onRetry} />
    </Stack>
  );
}
