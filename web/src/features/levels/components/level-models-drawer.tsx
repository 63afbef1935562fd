import { Radio, Stack } from '@mantine/core';
import { type Level, levelPatch } from '../../../../../contracts/api/policies.ts';
import { readForm } from '../../../lib/form-errors.ts';
import { useAnswer } from '../../../lib/use-answer.ts';
import { useDraft } from '../../../lib/use-draft.ts';
import { ModelsInput } from '../../../ui/form/models-input.tsx';
import { FormDrawer } from '../../../ui/form-drawer.tsx';
import { fetchCatalog } from '../../models/api/catalog.ts';
import { patchLevel } from '../api/levels.ts';

type Draft = { choice: 'all' | 'some'; allowed_models: string[] };

const fieldRules = { allowed_models: 'At most 500 models, each once' };

/** What a draft says. Some and none chosen is nothing at all: it must be meant, so it is refused. */
function read({ choice, allowed_models }: Draft) {
  if (choice === 'some' && allowed_models.length === 0)
    return { ok: false, errors: { allowed_models: 'Choose at least one model' } } as const;
  return readForm(levelPatch, { allowed_models: choice === 'all' ? null : allowed_models }, fieldRules);
}

type LevelModelsDrawerProps = { level: Level; onClose: () => void; onDone: (level: Level) => void };

/** Which models a level's people may call. */
export function LevelModelsDrawer({ level, onClose, onDone }: LevelModelsDrawerProps) {
  const { value: catalog } = useAnswer(fetchCatalog);
  const initial: Draft = {
    choice: level.allowed_models === null ? 'all' : 'some',
    allowed_models: level.allowed_models ?? [],
  };
  const { draft, change, submit, isSending, errors, rest } = useDraft(initial, ['allowed_models'] as const);
  const names = catalog?.items.map(({ public_name }) => public_name) ?? null;
  return (
    <FormDrawer
      title={`Models of ${level.name}`}
      isSending={isSending}
      error={rest}
      onSubmit={() => submit(read(draft), (patch) => patchLevel(level.id, patch), onDone)}
      onClose={onClose}
    >
      <Radio.Group
        label="Its people may call"
        description="Their API keys as well: a key never allows more than its person’s level."
        value={draft.choice}
        onChange={(choice) => change({ choice: choice as Draft['choice'] })}
      >
        <Stack gap={8} mt={8}>
          <Radio value="all" label="Every model" description="Those to come too." />
          <Radio value="some" label="Only some" />
        </Stack>
      </Radio.Group>
      {draft.choice === 'some' && (
        <ModelsInput
          label="Models"
          description="By their public names."
          placeholder="Choose models"
          names={names}
          value={draft.allowed_models}
          error={errors.allowed_models}
          onChange={(allowed_models) => change({ allowed_models })}
        />
      )}
    </FormDrawer>
  );
}
