import type { Level } from '../../../../../contracts/api/tenant/levels.ts';
import { rolloutSentence } from '../../policy/policy-words.ts';
import type { LevelAction } from './level-actions.tsx';
import { ArchiveDialog, DefaultDialog } from './level-dialogs.tsx';
import { LevelDrawer, NewLevelDrawer } from './level-drawer.tsx';
import { LevelFeaturesDrawer } from './level-features-drawer.tsx';
import { LevelModelsDrawer } from './level-models-drawer.tsx';
import { LevelPolicyDrawer } from './level-policy-drawer.tsx';

export type OpenedLevel = { level: Level; action: LevelAction } | 'new' | null;

type LevelDialogProps = {
  opened: OpenedLevel;
  onClose: () => void;
  onDone: (title: string, message: string) => void;
};

const WITHIN_A_MINUTE = 'The change applies everywhere within a minute.';

/** The dialog of an action on a level. */
export function LevelDialog({ opened, onClose, onDone }: LevelDialogProps) {
  if (opened === null) return null;
  const created = ({ name }: Level) => onDone(`${name} is created`, 'Move users to it on their pages.');
  if (opened === 'new') return <NewLevelDrawer source={null} onClose={onClose} onDone={created} />;
  const { level, action } = opened;
  switch (action) {
    case 'policy':
      return (
        <LevelPolicyDrawer
          level={level}
          onClose={onClose}
          onDone={(changed) =>
            onDone(`The policy of ${changed.level.name} is changed`, rolloutSentence(changed.rollout))
          }
        />
      );
    case 'models':
      return (
        <LevelModelsDrawer
          level={level}
          onClose={onClose}
          onDone={({ name }) => onDone(`The models of ${name} are changed`, WITHIN_A_MINUTE)}
        />
      );
    case 'features':
      return (
        <LevelFeaturesDrawer
          level={level}
          onClose={onClose}
          onDone={({ name }) => onDone(`The features of ${name} are changed`, WITHIN_A_MINUTE)}
        />
      );
    case 'copy':
      return <NewLevelDrawer source={level} onClose={onClose} onDone={created} />;
    case 'rename':
      return (
        <LevelDrawer
          level={level}
          onClose={onClose}
          onDone={({ name }) => onDone(`${name} is saved`, WITHIN_A_MINUTE)}
        />
      );
    case 'default':
      return (
        <DefaultDialog
          level={level}
          onClose={onClose}
          onDone={({ name }) => onDone('Saved', `New users get ${name}.`)}
        />
      );
    case 'archive':
      return (
        <ArchiveDialog
          level={level}
          onClose={onClose}
          onDone={({ name, archived_at }) =>
            onDone('Saved', archived_at === null ? `${name} is restored.` : `${name} is archived.`)
          }
        />
      );
  }
}
