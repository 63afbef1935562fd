import { ActionIcon, Badge, Group, Loader, Paper, Skeleton, Stack, Text, Tooltip } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import type { Ref } from 'react';
import { Link } from 'react-router';
import type { CreateExecutionResponse } from '../../../../contracts/api/executions.ts';
import type { Turn } from '../../contexts/conversation-context.tsx';
import { useTenant } from '../../contexts/tenant-context.tsx';
import { useNow } from '../../hooks/use-now.ts';
import { formatDuration, formatTokens } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { AnswerText } from '../answer-text.tsx';
import { CopyIcon } from '../copyable.tsx';
import { ErrorAlert } from '../error-alert.tsx';
import tones from '../tones.module.css';
import classes from './playground.module.css';

/** What the answer cost, who gave it, and how long that took. */
function Facts({ execution }: { execution: CreateExecutionResponse }) {
  const { simulated_providers } = useTenant();
  const { attempts, provider, tokens_charged, finish_reason } = execution;
  const answering = attempts.at(-1);
  return (
    <div className={classes.facts}>
      <span className={`${classes.charge} figure`}>{formatTokens(tokens_charged)} tokens</span>
      {provider !== null && (
        <span>
          {provider.name} · {provider.model}
        </span>
      )}
      {answering !== undefined && <span className="figure">{formatDuration(answering.latency_ms)}</span>}
      {attempts.length > 1 ? (
        <Badge size="sm" className={tones.info}>
          {attempts.length} attempts
        </Badge>
      ) : (
        <span>1 attempt</span>
      )}
      {finish_reason === 'length' && (
        <Badge size="sm" className={tones.warn}>
          Cut off at the output limit
        </Badge>
      )}
      {answering !== undefined && simulated_providers.includes(answering.provider_kind) && (
        <Tooltip label="Answered by a local simulator, not by the provider">
          <Badge size="sm" className={tones.warn}>
            Simulated
          </Badge>
        </Tooltip>
      )}
      <span className={classes.actions}>
        <CopyIcon value={execution.output_text ?? ''} label="Copy the answer" />
        <Tooltip label="Open the execution">
          <ActionIcon component={Link} to={paths.execution(execution.id)} aria-label="Open the execution">
            <IconExternalLink size={16} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </span>
    </div>
  );
}

/** A run in progress: what was said so far, and the seconds it has taken. */
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

function Outcome({ turn, onRetry }: { turn: Turn; onRetry: (() => void) | undefined }) {
  switch (turn.outcome.state) {
    case 'running':
      return <Waiting turn={turn} text={turn.outcome.text} />;
    case 'stopped':
      return (
        <Paper withBorder className={classes.answer}>
          {turn.outcome.text !== '' && <AnswerText text={turn.outcome.text} />}
          <div className={classes.facts}>
            <span>You stopped this answer. What the provider charges for it is charged.</span>
          </div>
        </Paper>
      );
    case 'failed':
      return (
        <ErrorAlert error={turn.outcome.error} onRetry={onRetry}>
          {turn.outcome.error.code === 'unreachable' && (
            <Text size="sm">
              The prompt may have run all the same. Look at your executions before you send it again.
            </Text>
          )}
        </ErrorAlert>
      );
    case 'answered':
      return (
        <Paper withBorder className={classes.answer} data-testid="answer">
          <AnswerText text={turn.outcome.execution.output_text || 'The model gave an empty answer.'} />
          <Facts execution={turn.outcome.execution} />
        </Paper>
      );
  }
}

type TurnViewProps = {
  turn: Turn;
  onRetry: (() => void) | undefined;
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
