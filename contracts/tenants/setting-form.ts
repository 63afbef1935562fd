import { z } from 'zod';

/** The form of a tenant's settings, as the contract of each setting describes it. */

/** Parts of the settings page, in its order. */
export const settingGroups = [
  'access',
  'currency',
  'api',
  'answers',
  'cache',
  'privacy',
  'support',
  'administration',
] as const;

/** Label, help text and group of a setting in the form of the web app. */
export const settingForm = z.registry<{
  label: string;
  help: string;
  group?: (typeof settingGroups)[number];
}>();
