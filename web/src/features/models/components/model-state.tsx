import { Badge } from '@mantine/core';
import { IconBan, IconCircleCheck, IconPlugConnectedX, IconTagOff } from '@tabler/icons-react';
import classes from '../../../ui/tones.module.css';
import type { ModelState } from '../model-catalog.ts';

const looks = {
  ready: { label: 'Ready', tone: 'good', icon: IconCircleCheck },
  unpriced: { label: 'No price yet', tone: 'warn', icon: IconTagOff },
  disabled: { label: 'Disabled', tone: 'plain', icon: IconBan },
  provider_disabled: { label: 'Provider disabled', tone: 'plain', icon: IconPlugConnectedX },
} as const;

/** The state of a model: ready, or the reason why it cannot be used. Never by colour alone. */
export function ModelStateBadge({ state }: { state: ModelState }) {
  const { label, tone, icon: Icon } = looks[state];
  return (
    <Badge className={classes[tone]} leftSection={<Icon size={13} stroke={2} aria-hidden />}>
      {label}
    </Badge>
  );
}
