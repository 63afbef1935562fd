import { z } from 'zod';
import { providerKind } from '../../contracts/usage.ts';
import { keyRing } from './key-ring.ts';

/** A comma-separated list; blanks are dropped, so an empty variable is an empty list. */
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

const hostnames = list.pipe(z.array(z.string().toLowerCase()));

/** A variable that is not set and one that is set to nothing mean the same. */
const optionalText = z
  .string()
  .optional()
  .transform((text) => (text === undefined || text === '' ? null : text));

const settingsSchema = z.object({
  /** Tenants answer at `<slug>.<PLATFORM_DOMAIN>`. */
  PLATFORM_DOMAIN: z.string().min(1).toLowerCase(),
  /** The platform's own hostnames: superadmins sign in here, and only here `X-Tenant-Slug` is honoured. */
  PLATFORM_HOSTNAMES: hostnames,
  /** Exact origins, scheme included, that browsers may call from; a tenant's own origin needs no entry. */
  CORS_ALLOWED_ORIGINS: list.pipe(z.array(z.url())),
  JWT_LIFETIME_S: z.coerce.number().int().min(60).max(31_536_000),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']),
  BODY_LIMIT_BYTES: z.coerce.number().int().min(1_024).max(104_857_600),
  /** The same where prompts are sent. A request is held a few times over, in an isolate of 128 MB that others share. */
  PROMPT_LIMIT_BYTES: z.coerce.number().int().min(1_024).max(33_554_432),
  /** Providers answered by local simulators. Set by the local stack alone. */
  SIMULATED_PROVIDERS: list.pipe(z.array(providerKind)),
  /** Lets base URLs of providers name this machine, where simulators listen. Set by the local stack alone. */
  ALLOW_LOCAL_BASE_URLS: z.enum(['true', 'false']).transform((text) => text === 'true'),
  DATABASE_URL: z.url(),
  /** Where Neon's HTTP protocol is spoken, when it is not Neon. Set by the local stack alone. */
  NEON_FETCH_ENDPOINT: optionalText,
  /** HS256 wants a key at least as long as its hash (RFC 7518, section 3.2). */
  JWT_SECRET: z.string().min(32),
  PASSWORD_PEPPER: z.string().min(32),
  /** What provider keys are encrypted under, versioned: `2:<base64> 1:<base64>` (services/key-ring.ts). */
  KEY_RING: keyRing,
  OPENAI_API_KEY: optionalText,
  OPENAI_BASE_URL: optionalText,
  ANTHROPIC_API_KEY: optionalText,
  ANTHROPIC_BASE_URL: optionalText,
  GOOGLE_API_KEY: optionalText,
  GOOGLE_BASE_URL: optionalText,
});

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
