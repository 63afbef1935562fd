import { ActionIcon, Group, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';

type BranchSwitchProps = {
  /** The name of one branch. */
  what: 'answer' | 'prompt';
  ids: string[];
  shownId: string;
  onShow: (id: string) => void;
};

/** Moves between branches: n of m. Nothing where there is one branch. */
export function BranchSwitch({ what, ids, shownId, onShow }: BranchSwitchProps) {
  if (ids.length < 2) return null;
  const at = ids.indexOf(shownId);
  const [before, after] = [ids[at - 1], ids[at + 1]];
  return (
    <Group gap={2} wrap="nowrap" role="group" aria-label={`Versions of this ${what}`}>
      <ActionIcon
        size="sm"
        disabled={before === undefined}
        onClick={() => before !== undefined && onShow(before)}
        aria-label={`Previous ${what}`}
      >
        <IconChevronLeft size={15} />
      </ActionIcon>
      <Text size="xs" c="dimmed" className="figure" aria-live="polite">
        {at + 1} of {ids.length}
      </Text>
      <ActionIcon
        size="sm"
        disabled={after === undefined}
        onClick={() => after !== undefined && onShow(after)}
        aria-label={`Next ${what}`}
      >
        <IconChevronRight size={15} />
      </ActionIcon>
    </Group>
  );
}
