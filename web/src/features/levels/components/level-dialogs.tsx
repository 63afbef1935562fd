import type { Level } from '../../../../../contracts/api/tenant/levels.ts';
import { formatTokens } from '../../../lib/format.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { moveLevel } from '../api/levels.ts';

type LevelDialogProps = { level: Level; onClose: () => void; onDone: (level: Level) => void };

const usersOf = ({ user_count }: Level) =>
  user_count === 1 ? 'The user on it stays' : `The ${formatTokens(user_count)} users on it stay`;

/** Archives a level, or restores it. */
export function ArchiveDialog({ level, onClose, onDone }: LevelDialogProps) {
  const archives = level.archived_at === null;
  return (
    <ConfirmDialog
      title={archives ? `Archive ${level.name}?` : `Restore ${level.name}?`}
      action={archives ? 'Archive' : 'Restore'}
      isGrave={archives}
      mutation={moveLevel(level.id, { archived: archives })}
      onClose={onClose}
      onDone={onDone}
    >
      {archives
        ? `Nobody can be moved to it any more. ${level.user_count === 0 ? 'Nobody is on it.' : `${usersOf(level)}, with its models, policy and features, until you move them.`} You can restore it.`
        : 'Users can be moved to it again. It comes after the other levels.'}
    </ConfirmDialog>
  );
}

/** Makes a level the one of new accounts. */
export function DefaultDialog({ level, onClose, onDone }: LevelDialogProps) {
  return (
    <ConfirmDialog
      title={`Put new users on ${level.name}?`}
      action="Make it the default"
      mutation={moveLevel(level.id, { is_default: true })}
      onClose={onClose}
      onDone={onDone}
    >
      Accounts created from now on get this level. Existing users stay on theirs.
    </ConfirmDialog>
  );
}
