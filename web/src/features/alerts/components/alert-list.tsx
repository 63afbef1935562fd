import { Badge, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { Alert } from '../../../../../contracts/api/tenant/alerts.ts';
import { alertText } from '../../../../../contracts/webhooks/alert-text.ts';
import { formatTimeShort } from '../../../lib/format.ts';
import classes from '../../../ui/tones.module.css';
import { dismissAlert } from '../api/alerts.ts';

function State({ ended_at }: Pick<Alert, 'ended_at'>) {
  return ended_at === null ? (
    <Badge className={classes.warn} leftSection={<IconAlertTriangle size={13} aria-hidden />}>
      Open
    </Badge>
  ) : (
    <Badge className={classes.plain} leftSection={<IconCircleCheck size={13} aria-hidden />}>
      Over since {formatTimeShort(ended_at)}
    </Badge>
  );
}

function AlertCard({ alert, canDismiss }: { alert: Alert; canDismiss: boolean }) {
  const { mutate, isPending } = useMutation(dismissAlert);
  const { title, text } = alertText(alert.kind, alert.data);
  const isUnread = alert.ended_at === null && !alert.dismissed;
  return (
    <Paper withBorder p="md" component="li">
      <Group justify="space-between" align="start" gap="sm">
        <Stack gap={4} flex="1 1 280px" miw={0}>
          <Text fw={isUnread ? 600 : 450}>{title}</Text>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {text}
          </Text>
          <Group gap="xs">
            <State ended_at={alert.ended_at} />
            <Text size="xs" c="dimmed">
              {formatTimeShort(alert.opened_at)}
            </Text>
          </Group>
        </Stack>
        {isUnread && canDismiss && (
          <Button
            variant="default"
            size="xs"
            loading={isPending}
            onClick={() => mutate(alert.id)}
            aria-label={`Dismiss: ${title}`}
          >
            Dismiss
          </Button>
        )}
      </Group>
    </Paper>
  );
}

/** Alerts, newest first. */
export const AlertList = ({ alerts, canDismiss }: { alerts: Alert[]; canDismiss: boolean }) => (
  <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: 'none' }} aria-label="Alerts">
    {alerts.map((alert) => (
      <AlertCard key={alert.id} alert={alert} canDismiss={canDismiss} />
    ))}
  </Stack>
);
