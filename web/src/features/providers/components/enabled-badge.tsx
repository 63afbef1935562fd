import { Badge } from '@mantine/core';
import { IconBan, IconCircleCheck } from '@tabler/icons-react';
import classes from '../../../ui/tones.module.css';

/** Enabled or disabled: never by colour alone. */
export function EnabledBadge({ enabled }: { enabled: boolean }) {
  return enabled ? (
    <Badge className={classes.good} leftSection={<IconCircleCheck size={13} stroke={2} aria-hidden />}>
      Enabled
    </Badge>
  ) : (
    <Badge className={classes.plain} leftSection={<IconBan size={13} stroke={2} aria-hidden />}>
      Disabled
    </Badge>
  );
}
