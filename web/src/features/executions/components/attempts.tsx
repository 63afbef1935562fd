import { Group, Stack, Text } from '@mantine/core';
import type { ExecutionReceipt } from '../../../../../contracts/api/executions.ts';
import type { AttemptReceipt } from '../../../../../contracts/usage.ts';
import { formatDuration, formatTime, sentence } from '../../../lib/format.ts';
import { type PlacedAttempt, placeAttempts } from '../attempt-timeline.ts';
import classes from './attempts.module.css';

function Failure({ failure }: { failure: NonNullable<AttemptReceipt['failure']> }) {
  const facts = [
    failure.status === null ? null : `status ${failure.status}`,
    failure.retry_after_ms === null ? null : `asked to wait ${formatDuration(failure.retry_after_ms)}`,
    failure.retryable ? 'can be retried' : 'cannot be retried',
  ].filter((fact) => fact !== null);
  return (
    <>
      <Text size="sm" fw={600} c="var(--mantine-color-error)">
        {sentence(failure.kind)}
      </Text>
      <Text size="xs" c="dimmed">
        {sentence(facts.join(', '))}
      </Text>
    </>
  );
}

/** The time of an attempt within the execution. The text beside it tells the same. */
function Bar({ attempt, start_percent, width_percent, first_token }: PlacedAttempt) {
  const outcome = attempt.failure === null ? '' : classes.failed;
  return (
    <div className={classes.track} aria-hidden>
      <div
        className={`${classes.bar} ${outcome}`}
        style={{ left: `min(${start_percent}%, 100% - 3px)`, width: `${width_percent}%` }}
      />
      {first_token !== null && (
        <div className={classes.firstToken} style={{ left: `min(${first_token.at_percent}%, 100% - 3px)` }} />
      )}
    </div>
  );
}

function Outcome({ attempt: { failure }, first_token }: PlacedAttempt) {
  if (failure !== null) return <Failure failure={failure} />;
  return (
    <Text size="sm">
      {first_token === null
        ? 'Answered'
        : `Answered, first token after ${formatDuration(first_token.after_ms)}`}
    </Text>
  );
}

type AttemptsProps = { execution: Pick<ExecutionReceipt, 'attempts' | 'created_at' | 'first_token_ms'> };

/** The provider calls of an execution on a timeline, oldest first. */
export function Attempts({ execution }: AttemptsProps) {
  return (
    <Stack component="ol" gap="md" className={classes.list} aria-label="Attempts">
      {placeAttempts(execution).map((placed) => {
        const { provider_name, provider_model, latency_ms, started_at_ms } = placed.attempt;
        return (
          <li key={started_at_ms}>
            <Group justify="space-between" gap="xs" wrap="nowrap" align="start">
              <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
                {provider_name} · {provider_model}
              </Text>
              <Text size="sm" className="figure" flex="none">
                {formatDuration(latency_ms)}
              </Text>
            </Group>
            <Stack gap={4} mt={4}>
              <Bar {...placed} />
              <Outcome {...placed} />
              <Text size="xs" c="dimmed">
                {formatTime(new Date(started_at_ms).toISOString())}
              </Text>
            </Stack>
          </li>
        );
      })}
    </Stack>
  );
}
