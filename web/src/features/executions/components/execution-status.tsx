import { Badge } from '@mantine/core';
import {
  IconBan,
  IconCircleCheck,
  IconClockX,
  IconExclamationCircle,
  IconLoader2,
} from '@tabler/icons-react';
import type { Execution } from '../../../../../contracts/api/executions.ts';
import classes from '../../../ui/tones.module.css';

const looks = {
  running: { label: 'Running', tone: 'info', icon: IconLoader2 },
  succeeded: { label: 'Succeeded', tone: 'good', icon: IconCircleCheck },
  failed: { label: 'Failed', tone: 'bad', icon: IconExclamationCircle },
  cancelled: { label: 'Cancelled', tone: 'plain', icon: IconBan },
  expired: { label: 'Expired', tone: 'warn', icon: IconClockX },
} as const;

/** The status of an execution, with an icon and a word beside the colour. */
export function ExecutionStatus({ status }: { status: Execution['status'] }) {
  const { label, tone, icon: Icon } = looks[status];
  return (
    <Badge className={classes[tone]} leftSection={<Icon size={13} stroke={2} aria-hidden />}>
      {label}
    </Badge>
  );
}
