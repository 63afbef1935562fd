import { Menu, UnstyledButton } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { Link as RouterLink } from 'react-router';
import classes from './app-layout.module.css';
import type { NavigationLink } from './navigation-link.ts';

/** The other pages, those for admins included, in one menu. */
export function MoreMenu({ links }: { links: NavigationLink[] }) {
  const current = links.some((link) => link.current);
  return (
    <Menu position="top-end" width={220}>
      <Menu.Target>
        <UnstyledButton className={classes.bottomLink} data-current={current || undefined}>
          <IconDots size={22} stroke={1.7} aria-hidden />
          More
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown mah="70dvh" style={{ overflowY: 'auto' }}>
        {links.map(({ to, label, icon: Icon, current: isHere }) => (
          <Menu.Item
            key={to}
            component={RouterLink}
            to={to}
            leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
            aria-current={isHere ? 'page' : undefined}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
