import { Stack, Switch } from '@mantine/core';
import type { Level } from '../../../../../contracts/api/tenant/levels.ts';
import { features, textsOfFeature } from '../../../../../contracts/tenants/level-features.ts';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { changeLevel } from '../api/levels.ts';
import { readFeatures } from '../level-draft.ts';

type LevelFeaturesDrawerProps = { level: Level; onClose: () => void; onDone: (level: Level) => void };

/** Turns the features of a level on and off. */
export function LevelFeaturesDrawer({ level, onClose, onDone }: LevelFeaturesDrawerProps) {
  const serverForm = useServerForm({
    initial: level.features,
    fields: ['features'],
    read: (draft) => readFeatures(draft, level),
    mutation: changeLevel(level.id),
    onClose,
    onDone,
  });
  const { form } = serverForm;
  return (
    <FormDrawer title={`Features of ${level.name}`} serverForm={serverForm}>
      <Stack gap="lg">
        {features.map((name) => {
          const { label, help } = textsOfFeature(name);
          return (
            <Switch
              key={name}
              label={label}
              description={help}
              {...form.getInputProps(name, { type: 'checkbox' })}
            />
          );
        })}
      </Stack>
    </FormDrawer>
  );
}
