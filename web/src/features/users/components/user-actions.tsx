import { ActionIcon, Button, Group, Menu } from '@mantine/core';
import {
  IconAdjustments,
  IconCirclePlus,
  IconDots,
  IconLogout,
  IconShield,
  IconShieldOff,
  IconStairs,
  IconUserCheck,
  IconUserOff,
} from '@tabler/icons-react';
import type { User } from '../../../../../contracts/api/account/auth.ts';
import { useCurrency } from '../../../lib/currency.ts';

export type UserAction = 'credit' | 'adjustment' | 'factors' | 'level' | 'role' | 'sign-out' | 'status';

type UserActionsProps = {
  user: User;
  /** Admins cannot change their own level, role or status: the last admin could lock everyone out. */
  isSelf: boolean;
  /** False if changes of one's own wallet are turned off. */
  canCorrect: boolean;
  onAct: (action: UserAction) => void;
};

/** Actions for a user. */
export function UserActions({ user, isSelf, canCorrect, onAct }: UserActionsProps) {
  const isActive = user.status === 'active';
  const { currency_name } = useCurrency();
  return (
    <Group gap="xs" wrap="nowrap">
      <Button
        leftSection={<IconCirclePlus size={17} aria-hidden />}
        disabled={!canCorrect}
        onClick={() => onAct('credit')}
      >
        Add {currency_name}
      </Button>
      <Menu position="bottom-end" width={230}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More actions">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconAdjustments size={16} />}
            disabled={!canCorrect}
            onClick={() => onAct('adjustment')}
          >
            Adjust the balance
          </Menu.Item>
          {!isSelf && user.closed_at === null && (
            <>
              <Menu.Item leftSection={<IconStairs size={16} />} onClick={() => onAct('level')}>
                Change the level
              </Menu.Item>
              <Menu.Item leftSection={<IconShield size={16} />} onClick={() => onAct('role')}>
                Change the role
              </Menu.Item>
              <Menu.Divider />
              <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => onAct('sign-out')}>
                Sign out everywhere
              </Menu.Item>
              <Menu.Item leftSection={<IconShieldOff size={16} />} onClick={() => onAct('factors')}>
                Remove two-step sign-in
              </Menu.Item>
              <Menu.Item
                c={isActive ? 'var(--mantine-color-error)' : 'var(--mantine-color-text)'}
                leftSection={isActive ? <IconUserOff size={16} /> : <IconUserCheck size={16} />}
                onClick={() => onAct('status')}
              >
                {isActive ? 'Disable the account' : 'Enable the account'}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
