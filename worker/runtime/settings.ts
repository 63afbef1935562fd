import { z } from 'zod';
import { platformSettingsOf, providerKindIds } from '../../contracts/catalog/provider-kinds.ts';
import { type ProviderKind, providerKind } from '../../contracts/usage.ts';
import { keyRing } from './key-ring.ts';
import { secretRing } from './secret-ring.ts';

/** A comma-separated list; blanks are dropped, so an empty variable is an empty list. */
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

const hostnames = list.pipe(z.array(z.string().toLowerCase()));

/** An optional variable: null when it is not set or empty. */
const optionalText = z
  .string()
  .optional()
  .transform((text) => (text === undefined || text === '' ? null : text));

type PlatformSetting = {
  [Kind in ProviderKind]: `${Uppercase<Kind>}_${'API_KEY' | 'BASE_URL'}`;
}[ProviderKind];

/** The platform's own credential for each kind, and the base URL to call with it: `OPENAI_API_KEY`, `OPENAI_BASE_URL`, ... */
const platformSettings = Object.fromEntries(
  providerKindIds
    .flatMap((kind) => Object.values(platformSettingsOf(kind)))
    .map((name) => [name, optionalText]),
) as Record<PlatformSetting, typeof optionalText>;

const settingsFields = z.object({
  /** Tenants answer at `<slug>.<PLATFORM_DOMAIN>`. */
  PLATFORM_DOMAIN: z.string().min(1).toLowerCase(),
  /** The platform's own hostnames: superadmins sign in here, and only here `X-Tenant-Slug` is honoured. */
  PLATFORM_HOSTNAMES: hostnames,
  /** Exact origins, scheme included, that browsers may call from; a tenant's own origin needs no entry. */
  CORS_ALLOWED_ORIGINS: list.pipe(z.array(z.url())),
  JWT_LIFETIME_S: z.coerce.number().int().min(60).max(31_536_000),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']),
  BODY_LIMIT_BYTES: z.coerce.number().int().min(1_024).max(104_857_600),
  /** The limit of bodies that hold prompts. Several copies of one exist at a time, in an isolate of 128 MB that requests share. */
  PROMPT_LIMIT_BYTES: z.coerce.number().int().min(1_024).max(33_554_432),
  /** Providers answered by local simulators. Set by the local stack alone. */
  SIMULATED_PROVIDERS: list.pipe(z.array(providerKind)),
  /** Allows base URLs of providers on this machine, where simulators listen. Set by the local stack alone. */
  ALLOW_LOCAL_BASE_URLS: z.enum(['true', 'false']).transform((text) => text === 'true'),
  /** The sender of every mail; null turns mail off (docs/mail.md). */
  MAIL_FROM: optionalText.pipe(z.email().nullable()),
  DATABASE_URL: z.url(),
  /** The address of a server that speaks Neon's HTTP protocol; null for Neon itself. Set by the local stack alone. */
  NEON_FETCH_ENDPOINT: optionalText,
  /** The versioned secrets that sign session tokens: `2:<secret> 1:<secret>`, or one secret alone (secret-ring.ts). */
  JWT_SECRET: secretRing,
  /** The versioned secrets that hashes of passwords need, in the same form. */
  PASSWORD_PEPPER: secretRing,
  /** The versioned keys that encrypt provider credentials: `2:<base64> 1:<base64>` (key-ring.ts). */
  KEY_RING: keyRing,
  /** Custom domains of tenants (docs/custom-domains.md). Without one of the next three, the platform offers none. */
  CLOUDFLARE_API_TOKEN: optionalText,
  CLOUDFLARE_ZONE_ID: optionalText,
  CUSTOM_DOMAIN_TARGET: optionalText.transform((text) => text?.toLowerCase() ?? null),
  /** The address of a simulator of Cloudflare's API; null for Cloudflare itself. Set by the local stack alone. */
  CLOUDFLARE_BASE_URL: optionalText,
  /** A resolver that answers DNS over HTTPS in JSON. */
  DNS_RESOLVER_URL: z.url().default('https://cloudflare-dns.com/dns-query'),
  /** Turnstile on sign-ups (docs/accounts.md): both keys of one widget, or none. */
  TURNSTILE_SITE_KEY: optionalText,
  TURNSTILE_SECRET_KEY: optionalText,
  /** The address of a simulator of Turnstile; null for Cloudflare itself. Set by the local stack alone. */
  TURNSTILE_BASE_URL: optionalText,
  ...platformSettings,
});

const settingsSchema = settingsFields.refine(
  ({ TURNSTILE_SITE_KEY, TURNSTILE_SECRET_KEY }) =>
    (TURNSTILE_SITE_KEY === null) === (TURNSTILE_SECRET_KEY === null),
  { path: ['TURNSTILE_SECRET_KEY'], message: 'both Turnstile keys, or none' },
);

/** The Worker's configuration, parsed: nothing past this file reads a raw variable. */
export type Settings = z.infer<typeof settingsSchema>;

const parsed = new WeakMap<object, Settings>();

/**
 * Parses the variables once per isolate. A misconfigured deployment throws here, at its first request, with the names
 * of what is wrong and never their values.
 */
export function settingsOf(env: Env): Settings {
  const known = parsed.get(env);
  if (known !== undefined) return known;
  const result = settingsSchema.safeParse(env);
  if (!result.success) {
    const names = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.code}`);
    throw new Error(`The Worker is misconfigured: ${names.join('; ')}`);
  }
  parsed.set(env, result.data);
  return result.data;
}
