import { Group, Text, Timeline } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import type { AttemptReceipt } from '../../../../../contracts/usage.ts';
import { formatDuration, formatTime, sentence } from '../../../lib/format.ts';

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

/** The provider calls of an execution, oldest first. */
export function Attempts({ attempts }: { attempts: AttemptReceipt[] }) {
  return (
    <Timeline bulletSize={24} lineWidth={2} active={attempts.length}>
      {attempts.map((attempt) => {
        const succeeded = attempt.failure === null;
        return (
          <Timeline.Item
            key={attempt.started_at_ms}
            color={succeeded ? 'brand' : 'red.8'}
            bullet={succeeded ? <IconCheck size={14} aria-hidden /> : <IconX size={14} aria-hidden />}
            title={
              <Group justify="space-between" gap="xs">
                <Text size="sm" fw={600}>
                  {attempt.provider_name} · {attempt.provider_model}
                </Text>
                <Text size="sm" className="figure">
                  {formatDuration(attempt.latency_ms)}
                </Text>
              </Group>
            }
          >
            {attempt.failure === null ? (
              <Text size="sm">Answered</Text>
            ) : (
              <Failure failure={attempt.failure} />
            )}
            <Text size="xs" c="dimmed">
              {formatTime(new Date(attempt.started_at_ms).toISOString())}
            </Text>
          </Timeline.Item>
        );
      })}
    </Timeline>
  );
}
