import { Badge } from '@mantine/core';
import { IconBan, IconCircleCheck, IconClockX, IconRefresh } from '@tabler/icons-react';
import classes from '../../../ui/tones.module.css';
import { stateOf } from '../api-key-words.ts';

const looks = {
  active: { label: 'Active', tone: 'good', icon: IconCircleCheck },
  rotating: { label: 'Rotating', tone: 'info', icon: IconRefresh },
  expired: { label: 'Expired', tone: 'warn', icon: IconClockX },
  revoked: { label: 'Revoked', tone: 'plain', icon: IconBan },
} as const;

/** The state of a key. Never by colour alone. */
export function KeyStatus({ apiKey }: { apiKey: Parameters<typeof stateOf>[0] }) {
  const { label, tone, icon: Icon } = looks[stateOf(apiKey, Date.now())];
  return (
    <Badge className={classes[tone]} leftSection={<Icon size={13} stroke={2} aria-hidden />}>
      {label}
    </Badge>
  );
}
