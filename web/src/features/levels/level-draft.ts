import {
  createLevelRequest,
  type Level,
  type LevelPatch,
  levelPatch,
} from '../../../../contracts/api/tenant/levels.ts';
import { type FeatureFlags, features } from '../../../../contracts/tenants/level-features.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';
import type { NewLevel } from './api/levels.ts';

/** Name and limit of a level while they are edited. Pure. */

/** An empty `slug` of a new level is made from its name. An empty limit is a text, and means none. */
export type LevelDraft = { name: string; slug: string; default_output_limit: number | string };

export const levelDraftFields = ['name', 'slug', 'default_output_limit'] as const;
type LevelDraftField = (typeof levelDraftFields)[number];

const rules: Record<LevelDraftField, string> = {
  name: 'Enter a name of up to 60 characters',
  slug: 'Up to 40 lower-case letters, digits and hyphens, with a letter or digit at both ends',
  default_output_limit: 'From 1 to 10,000,000, or empty',
};

export const emptyLevelDraft: LevelDraft = { name: '', slug: '', default_output_limit: '' };

export const draftOfLevel = ({ name, slug, default_output_limit }: Level): LevelDraft => ({
  name,
  slug,
  default_output_limit: default_output_limit ?? '',
});

/** The draft of a copy, under another name. */
export const draftOfCopy = (level: Level): LevelDraft => ({
  ...draftOfLevel(level),
  name: `${level.name} (copy)`.slice(0, 60),
  slug: '',
});

const limitOf = (limit: LevelDraft['default_output_limit']) => (limit === '' ? null : limit);

/** The request of a new level. `source`: the level to copy; null for the default level's policy and every feature. */
export function readNewLevel(
  { name, slug, default_output_limit }: LevelDraft,
  source: Level | null,
): FormRead<NewLevel, LevelDraftField> {
  const copied =
    source === null
      ? {}
      : { policy: source.policy, features: source.features, allowed_models: source.allowed_models };
  const draft = {
    ...copied,
    ...(slug === '' ? {} : { slug }),
    ...{ name, default_output_limit: limitOf(default_output_limit) },
  };
  return readForm(createLevelRequest, draft, rules);
}

/** The changed fields of a level. */
export function readLevelChange(draft: LevelDraft, level: Level): FormRead<LevelPatch, LevelDraftField> {
  const next = {
    name: draft.name.trim(),
    slug: draft.slug,
    default_output_limit: limitOf(draft.default_output_limit),
  };
  const changed = Object.fromEntries(
    Object.entries(next).filter(([field, value]) => value !== level[field as LevelDraftField]),
  );
  return Object.keys(changed).length === 0 ? { ok: true, value: {} } : readForm(levelPatch, changed, rules);
}

/** The features that differ, as the request expects them; empty when none does. */
export function readFeatures(draft: FeatureFlags, level: Level): FormRead<LevelPatch, 'features'> {
  const changed = features.filter((name) => draft[name] !== level.features[name]);
  if (changed.length === 0) return { ok: true, value: {} };
  return {
    ok: true,
    value: { features: Object.fromEntries(changed.map((name) => [name, draft[name]])) },
  };
}
