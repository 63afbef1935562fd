import { ActionIcon, Indicator, Tooltip } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { alertsQuery } from '../api/alerts.ts';

const COUNT_MAX = 99;

/** A link to the alerts, with the number of unread ones. */
export function AlertBell() {
  const { data } = useInfiniteQuery(alertsQuery);
  const unread = data?.pages[0]?.unread ?? 0;
  const label = unread === 0 ? 'Alerts' : `Alerts, ${unread} unread`;
  return (
    <Indicator
      label={unread > COUNT_MAX ? `${COUNT_MAX}+` : unread}
      disabled={unread === 0}
      size={17}
      offset={5}
      color="red.9"
    >
      <Tooltip label={label}>
        <ActionIcon component={Link} to={paths.alerts} variant="subtle" size={34} aria-label={label}>
          <IconBell size={19} stroke={1.7} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </Indicator>
  );
}
