import { z } from 'zod';

/** The purposes of a widget of Turnstile. The server accepts a token for its own action only. */
export type TurnstileAction = 'register' | 'tenant-signup' | 'password-reset';

/** The token of the widget, at most as long as Cloudflare says. */
export const turnstileToken = z
  .string()
  .min(1)
  .max(2_048)
  .optional()
  .describe(
    "The token of Turnstile's widget. Required where the tenant has `turnstile`. It works once, for 5 minutes.",
  );

/** Turnstile's widget, as a page needs it. */
export const turnstileWidget = z
  .object({
    site_key: z.string().describe('The site key of the widget.'),
    script_url: z.url().describe('The address of the script that shows it.'),
  })
  .meta({ id: 'TurnstileWidget' });
