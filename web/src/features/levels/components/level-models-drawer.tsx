import { Radio, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Level } from '../../../../../contracts/api/tenant/levels.ts';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { ModelsInput } from '../../../ui/form/models-input.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { catalogQuery } from '../../models/api/catalog.ts';
import { changeLevel } from '../api/levels.ts';
import { draftOfLevelModels, levelModelsFields, readLevelModels } from '../level-models-draft.ts';

type LevelModelsDrawerProps = { level: Level; onClose: () => void; onDone: (level: Level) => void };

/** Edits the models that users on a level can use. */
export function LevelModelsDrawer({ level, onClose, onDone }: LevelModelsDrawerProps) {
  const { data: models } = useQuery(catalogQuery);
  const serverForm = useServerForm({
    initial: draftOfLevelModels(level),
    fields: levelModelsFields,
    read: readLevelModels,
    mutation: changeLevel(level.id),
    onClose,
    onDone,
  });
  const { form } = serverForm;
  return (
    <FormDrawer title={`Models of ${level.name}`} serverForm={serverForm}>
      <Radio.Group
        label="Allowed models"
        description={`Applies to users on ${level.name} and to their API keys.`}
        {...form.getInputProps('choice')}
      >
        <Stack gap={8} mt={8}>
          <Radio value="all" label="All models" description="Includes models added later." />
          <Radio value="some" label="Selected models" />
        </Stack>
      </Radio.Group>
      {form.values.choice === 'some' && (
        <ModelsInput
          label="Models"
          description="Public names."
          placeholder="Choose models"
          names={models?.map(({ public_name }) => public_name) ?? null}
          value={form.values.allowed_models}
          error={form.errors.allowed_models}
          onChange={(names) => form.setFieldValue('allowed_models', names)}
        />
      )}
    </FormDrawer>
  );
}
