import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ApiError } from '../lib/api-client.ts';
import { formatTime, formatTokens } from '../lib/format.ts';

const figures = [
  ['required', 'This could cost up to'],
  ['available', 'Available now'],
  ['reserved', 'Held by running executions'],
  ['used', 'Used so far'],
  ['limit', 'Granted in total'],
] as const;

/** The figures of an insufficient balance. */
function BalanceDetails({ details }: { details: Record<string, unknown> }) {
  const rows = figures.flatMap(([name, label]) => {
    const value = details[name];
    return typeof value === 'number' ? [{ label, value }] : [];
  });
  return (
    <Stack gap={2} maw={340} className="figure">
      {rows.map(({ label, value }) => (
        <Group key={label} justify="space-between" gap="md">
          <Text size="sm">{label}</Text>
          <Text size="sm" fw={600}>
            {formatTokens(value)}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}

/** Advice on an error, or null when its message is enough. */
function adviceOn(error: ApiError): string | null {
  if (error.code === 'insufficient_balance') {
    const { resets_at } = error.details;
    const reset =
      typeof resets_at === 'string' ? `, wait for your next allocation on ${formatTime(resets_at)},` : '';
    return `Ask for a shorter answer (max output tokens)${reset} or ask your administrator to add to your balance.`;
  }
  if (error.retryAfterS !== null) {
    return `Try again in ${error.retryAfterS} ${error.retryAfterS === 1 ? 'second' : 'seconds'}.`;
  }
  return null;
}

type ErrorAlertProps = {
  error: Error;
  onRetry?: (() => void) | undefined;
  /** More details. */
  children?: ReactNode;
  /** A button beside "Try again". */
  action?: ReactNode;
};

/** An error with advice and the request's id, to quote to support. */
export function ErrorAlert({ error, onRetry, children, action }: ErrorAlertProps) {
  const known = error instanceof ApiError ? error : null;
  const advice = known === null ? null : adviceOn(known);
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle />}
      title={known?.code === 'insufficient_balance' ? 'Your balance is too low for this run' : error.message}
      role="alert"
      styles={{ title: { color: 'var(--mantine-color-error)' } }}
    >
      <Stack gap="xs">
        {known?.code === 'insufficient_balance' && <BalanceDetails details={known.details} />}
        {children}
        {advice !== null && <Text size="sm">{advice}</Text>}
        {(onRetry !== undefined || known?.requestId != null) && (
          <Group justify="space-between" gap="xs">
            <Text size="xs" c="dimmed" className="figure">
              {known?.requestId != null && `Request ${known.requestId}`}
            </Text>
            <Group gap="xs">
              {action}
              {onRetry !== undefined && (
                <Button size="xs" variant="default" onClick={onRetry}>
                  Try again
                </Button>
              )}
            </Group>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}
