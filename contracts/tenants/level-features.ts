import { z } from 'zod';

/** The features that a level gives its users. A closed list: each is enforced by worker/http/middleware/level-features.ts. */

/** Label and help text of a feature in the web app. */
export const featureTexts = z.registry<{ label: string; help: string }>();

const flag = (label: string, help: string, description: string) =>
  z.boolean().describe(description).register(featureTexts, { label, help });

/** A flag for each feature. */
export const featureFlags = z
  .strictObject({
    api_keys: flag(
      'API keys',
      'Create API keys, and call the API with them.',
      'True if users can create API keys and call the API with them.',
    ),
    background_runs: flag(
      'Background runs',
      'Run prompts that continue after the page is closed.',
      'True if users can run executions in the background.',
    ),
    own_providers: flag(
      'Own providers',
      "Administrators on this level add and change the tenant's own AI providers.",
      "True if administrators on this level can add, change and delete the tenant's own AI providers.",
    ),
    live_balance: flag(
      'Live balance',
      'The balance updates by itself after every run.',
      'True if users can watch their wallet over a WebSocket.',
    ),
    exports: flag(
      'Exports',
      'Download a whole ledger as a file that anyone can verify.',
      'True if users can export ledgers.',
    ),
    playground_models: flag(
      'Playground',
      'Run models in the playground. API keys do not need it.',
      'True if users can run models with a session, as the playground does. API keys do not need it.',
    ),
  })
  .meta({ id: 'LevelFeatures' });
export type FeatureFlags = z.infer<typeof featureFlags>;

/** The name of a feature. */
export const feature = featureFlags.keyof().meta({ id: 'Feature' });
export type Feature = z.infer<typeof feature>;

/** All features, in the order in which they are shown. */
export const features = feature.options;

/** Reads stored flags. A feature that is not among them is off. */
export const flagsOf = (stored: Record<string, boolean>): FeatureFlags =>
  Object.fromEntries(features.map((name) => [name, stored[name] === true])) as FeatureFlags;

/** Every feature, for levels that were not told otherwise. */
export const ALL_FEATURES: FeatureFlags = flagsOf(Object.fromEntries(features.map((name) => [name, true])));

/** Returns label and help text of a feature. */
export function textsOfFeature(name: Feature): { label: string; help: string } {
  const texts = featureTexts.get(featureFlags.shape[name]);
  if (texts === undefined) throw new Error(`The feature ${name} has no label`);
  return texts;
}
