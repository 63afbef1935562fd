import { NumberInput, Text, TextInput } from '@mantine/core';
import { type Level, slugOf } from '../../../../../contracts/api/tenant/levels.ts';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { type ServerForm, useServerForm } from '../../../ui/form/use-server-form.ts';
import { changeLevel, createLevel } from '../api/levels.ts';
import {
  draftOfCopy,
  draftOfLevel,
  emptyLevelDraft,
  type LevelDraft,
  levelDraftFields,
  readLevelChange,
  readNewLevel,
} from '../level-draft.ts';

function Fields<Request>({ form }: Pick<ServerForm<LevelDraft, Request>, 'form'>) {
  return (
    <>
      <TextInput label="Name" maxLength={60} required data-autofocus {...form.getInputProps('name')} />
      <TextInput
        label="Short name"
        description="For scripts. Changes nothing for users."
        placeholder={form.values.name.trim() === '' ? '' : slugOf(form.values.name)}
        maxLength={40}
        {...form.getInputProps('slug')}
      />
      <NumberInput
        label="Default output limit"
        description="Output tokens of requests that set no limit. Empty uses the tenant's default."
        placeholder="The tenant's default"
        min={1}
        clampBehavior="none"
        allowDecimal={false}
        allowNegative={false}
        thousandSeparator=","
        hideControls
        {...form.getInputProps('default_output_limit')}
      />
    </>
  );
}

type NewLevelDrawerProps = {
  /** The level to copy; null for a new one. */
  source: Level | null;
  onClose: () => void;
  onDone: (level: Level) => void;
};

/** A new level, or a copy of another with its policy, features and models. */
export function NewLevelDrawer({ source, onClose, onDone }: NewLevelDrawerProps) {
  const serverForm = useServerForm({
    initial: source === null ? emptyLevelDraft : draftOfCopy(source),
    fields: levelDraftFields,
    read: (draft) => readNewLevel(draft, source),
    mutation: createLevel,
    onClose,
    onDone,
  });
  return (
    <FormDrawer
      title={source === null ? 'New level' : `Copy ${source.name}`}
      action="Create"
      serverForm={serverForm}
    >
      <Fields form={serverForm.form} />
      <Text size="sm" c="dimmed">
        {source === null
          ? 'It starts with every feature, all models and the policy of the default level. You can change them next.'
          : `It starts with the policy, the features and the models of ${source.name}.`}
      </Text>
    </FormDrawer>
  );
}

type LevelDrawerProps = { level: Level; onClose: () => void; onDone: (level: Level) => void };

/** Renames a level, and sets its output limit. */
export function LevelDrawer({ level, onClose, onDone }: LevelDrawerProps) {
  const serverForm = useServerForm({
    initial: draftOfLevel(level),
    fields: levelDraftFields,
    read: (draft) => readLevelChange(draft, level),
    mutation: changeLevel(level.id),
    onClose,
    onDone,
  });
  return (
    <FormDrawer title={`Rename ${level.name}`} serverForm={serverForm}>
      <Fields form={serverForm.form} />
    </FormDrawer>
  );
}
