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
import { statusNames } from '../status-words.ts';

const looks = {
  running: { tone: 'info', icon: IconLoader2 },
  succeeded: { tone: 'good', icon: IconCircleCheck },
  failed: { tone: 'bad', icon: IconExclamationCircle },
  cancelled: { tone: 'plain', icon: IconBan },
  expired: { tone: 'warn', icon: IconClockX },
} as const;

/** The status of an execution, with an icon and a word beside the colour. */
export function ExecutionStatus({ status }: { status: Execution['status'] }) {
  const { tone, icon: Icon } = looks[status];
  return (
    <Badge className={classes[tone]} leftSection={<Icon size={13} stroke={2} aria-hidden />}>
      {statusNames[status]}
    </Badge>
  );
}
