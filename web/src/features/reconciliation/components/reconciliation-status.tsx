import { Badge, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconBandage, IconCircleCheck, IconClock } from '@tabler/icons-react';
import type { ReconciliationStatus as Status } from '../../../../../contracts/wallet/reconciliation.ts';
import tones from '../../../ui/tones.module.css';
import { statusExplanations, statusNames } from '../difference-words.ts';

const looks = {
  ok: { tone: 'good', icon: IconCircleCheck },
  behind: { tone: 'info', icon: IconClock },
  healing: { tone: 'warn', icon: IconBandage },
  different: { tone: 'bad', icon: IconAlertTriangle },
} as const;

/** The status of a wallet at its last check. Never by colour alone. */
export function ReconciliationBadge({ status }: { status: Status }) {
  const { tone, icon: Icon } = looks[status];
  return (
    <Tooltip label={statusExplanations[status]} multiline maw={280}>
      <Badge className={tones[tone]} leftSection={<Icon size={13} stroke={2} aria-hidden />}>
        {statusNames[status]}
      </Badge>
    </Tooltip>
  );
}
