import type { Settings } from '../runtime/settings.ts';

/** Where Turnstile's script, frames and verification are. */
const CLOUDFLARE_ORIGIN = 'https://challenges.cloudflare.com';

/** One widget for all tenants: its keys, and the origin that serves it. */
export type TurnstileSettings = { site_key: string; secret_key: string; origin: string };

type TurnstileVariables = Pick<
  Settings,
  'TURNSTILE_SITE_KEY' | 'TURNSTILE_SECRET_KEY' | 'TURNSTILE_BASE_URL'
>;

/** Returns the widget of the platform, or null where sign-ups need none. Pure. */
export const turnstileSettings = ({
  TURNSTILE_SITE_KEY: site_key,
  TURNSTILE_SECRET_KEY: secret_key,
  TURNSTILE_BASE_URL,
}: TurnstileVariables): TurnstileSettings | null =>
  site_key === null || secret_key === null
    ? null
    : { site_key, secret_key, origin: TURNSTILE_BASE_URL ?? CLOUDFLARE_ORIGIN };

/** Returns the address of a file of Turnstile's first version. Pure. */
export const turnstileUrl = ({ origin }: TurnstileSettings, file: 'api.js?render=explicit' | 'siteverify') =>
  `${origin}/turnstile/v0/${file}`;
