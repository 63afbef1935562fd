import { ActionIcon, Group, Menu, Tooltip } from '@mantine/core';
import {
  IconArchive,
  IconArchiveOff,
  IconArrowDown,
  IconArrowUp,
  IconCopy,
  IconDots,
  IconPencil,
  IconUserPlus,
} from '@tabler/icons-react';
import type { Level } from '../../../../../contracts/api/tenant/levels.ts';

export type LevelAction = 'rename' | 'policy' | 'models' | 'features' | 'copy' | 'default' | 'archive';

type LevelActionsProps = {
  level: Level;
  /** False at an end of the list, and while an order is being saved. */
  canMove: { up: boolean; down: boolean };
  onMove: (by: 1 | -1) => void;
  onAct: (action: LevelAction) => void;
};

/** Buttons that move a level, and a menu with what else can be done. */
export function LevelActions({ level, canMove, onMove, onAct }: LevelActionsProps) {
  const isArchived = level.archived_at !== null;
  return (
    <Group gap={2} wrap="nowrap" flex="none">
      {!isArchived && (
        <>
          <Tooltip label="Move up">
            <ActionIcon
              bg="transparent"
              aria-label={`Move ${level.name} up`}
              disabled={!canMove.up}
              onClick={() => onMove(-1)}
            >
              <IconArrowUp size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Move down">
            <ActionIcon
              bg="transparent"
              aria-label={`Move ${level.name} down`}
              disabled={!canMove.down}
              onClick={() => onMove(1)}
            >
              <IconArrowDown size={16} />
            </ActionIcon>
          </Tooltip>
        </>
      )}
      <Menu position="bottom-end" width={230}>
        <Menu.Target>
          <ActionIcon aria-label={`Actions for ${level.name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => onAct('rename')}>
            Rename and limit outputs
          </Menu.Item>
          <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => onAct('copy')}>
            Copy
          </Menu.Item>
          {!level.is_default && !isArchived && (
            <Menu.Item leftSection={<IconUserPlus size={16} />} onClick={() => onAct('default')}>
              Put new users on it
            </Menu.Item>
          )}
          {!level.is_default && (
            <>
              <Menu.Divider />
              <Menu.Item
                c={isArchived ? 'var(--mantine-color-text)' : 'var(--mantine-color-error)'}
                leftSection={isArchived ? <IconArchiveOff size={16} /> : <IconArchive size={16} />}
                onClick={() => onAct('archive')}
              >
                {isArchived ? 'Restore' : 'Archive'}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
