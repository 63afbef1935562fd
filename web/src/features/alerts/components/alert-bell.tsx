import { ActionIcon, Indicator } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { unreadQuery } from '../api/unread.ts';

const COUNT_MAX = 99;

/** A link to the alerts, with the number of unread ones. */
export function AlertBell() {
  const { data: unread = 0 } = useQuery(unreadQuery);
  const label = unread === 0 ? 'Alerts' : `Alerts, ${unread} unread`;
  return (
    <Indicator
      label={unread > COUNT_MAX ? `${COUNT_MAX}+` : unread}
      disabled={unread === 0}
      size={17}
      offset={5}
      color="red.9"
    >
      <ActionIcon
        component={Link}
        to={paths.alerts}
        variant="subtle"
        size={34}
        aria-label={label}
        title={label}
      >
        <IconBell size={19} stroke={1.7} aria-hidden />
      </ActionIcon>
    </Indicator>
  );
}
