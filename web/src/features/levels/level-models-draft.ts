import { type Level, type LevelPatch, levelPatch } from '../../../../contracts/api/tenant/levels.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';

/** The models of a level while they are edited. Pure. */

export type LevelModelsDraft = { choice: 'all' | 'some'; allowed_models: string[] };

export const levelModelsFields = ['allowed_models'] as const;
type LevelModelsField = (typeof levelModelsFields)[number];

export const draftOfLevelModels = ({ allowed_models }: Level): LevelModelsDraft => ({
  choice: allowed_models === null ? 'all' : 'some',
  allowed_models: allowed_models ?? [],
});

/** The request of a draft. An empty choice would lock everyone on the level out, so it is an error. */
export function readLevelModels({
  choice,
  allowed_models,
}: LevelModelsDraft): FormRead<LevelPatch, LevelModelsField> {
  if (choice === 'some' && allowed_models.length === 0)
    return { ok: false, errors: { allowed_models: 'Choose at least one model' } };
  return readForm(
    levelPatch,
    { allowed_models: choice === 'all' ? null : allowed_models },
    { allowed_models: 'Choose at most 500 models, each once' },
  );
}
