import { Alert, Button, Group, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { ApiError } from '../lib/api-client.ts';
import { formatTime, formatTokens } from '../lib/format.ts';

const figure = (details: Record<string, unknown>, name: string) => {
  const value = details[name];
  return typeof value === 'number' ? formatTokens(value) : null;
};

/** What a refused balance consists of, so that a person can see what would help. */
function BalanceDetails({ details }: { details: Record<string, unknown> }) {
  const rows = [
    ['This could cost up to', figure(details, 'required')],
    ['Available now', figure(details, 'available')],
    ['Held by running executions', figure(details, 'reserved')],
    ['Used so far', figure(details, 'used')],
  ].filter(([, value]) => value !== null);
  const resetsAt = typeof details.resets_at === 'string' ? formatTime(details.resets_at) : null;
  return (
    <List size="sm" mt="xs" className="figure">
      {rows.map(([label, value]) => (
        <List.Item key={label}>
          {label}: {value} tokens
        </List.Item>
      ))}
      <List.Item>
        {resetsAt === null
          ? 'Ask for less output, or ask your administrator for more tokens.'
          : `More tokens arrive on ${resetsAt}.`}
      </List.Item>
    </List>
  );
}

/** An error in place: what happened, what to do, and the request's id for whoever is asked for help. */
export function ErrorAlert({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const known = error instanceof ApiError ? error : null;
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle />} title={error.message} role="alert">
      {known?.code === 'insufficient_balance' && <BalanceDetails details={known.details} />}
      {known?.retryAfterS != null && <Text size="sm">Try again in {known.retryAfterS} seconds.</Text>}
      <Group justify="space-between" mt="xs">
        <Text size="xs" c="dimmed">
          {known?.requestId != null && `Request ${known.requestId}`}
        </Text>
        {onRetry !== undefined && (
          <Button size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}
