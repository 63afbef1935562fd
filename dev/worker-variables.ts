import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { platformSettingsOf, providerKindIds } from '../contracts/catalog/provider-kinds.ts';
import { simulatedApis } from './simulators/apis.ts';
import { CLOUDFLARE_PATH, RESOLVER_PATH, SIMULATED_TARGET } from './simulators/domains/simulated-domains.ts';
import { MAIL_PATH } from './simulators/mail/mailbox.ts';
import { SIMULATED_SECRET_KEY, SIMULATED_SITE_KEY } from './simulators/turnstile/simulated-turnstile.ts';

const newSecret = () => randomBytes(32).toString('base64url');
/** Returns a ring of one key (worker/runtime/key-ring.ts). */
const newKeyRing = () => `1:${randomBytes(32).toString('base64')}`;

const secretsSchema = z.object({
  app_worker_password: z.string().default(newSecret),
  jwt_secret: z.string().default(newSecret),
  password_pepper: z.string().default(newSecret),
  key_ring: z.string().default(newKeyRing),
});

/** Secrets created once per data folder, so that sessions, passwords and provider keys survive a restart. */
export type StackSecrets = z.infer<typeof secretsSchema>;

/** Reads the secrets of a data folder, and creates missing ones. */
export async function ensureSecrets(dataFolder: string): Promise<StackSecrets> {
  const file = path.join(dataFolder, 'secrets.json');
  const kept = await readFile(file, 'utf8').catch(() => '{}');
  const secrets = secretsSchema.parse(JSON.parse(kept));
  const text = JSON.stringify(secrets, null, 2);
  if (text === kept) return secrets;
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return secrets;
}

export type Variables = Record<string, string>;

/** Reads the user's own variables from `.dev.vars` at the root, which git ignores. */
export async function readDevVars(root: string): Promise<Variables> {
  const text = await readFile(path.join(root, '.dev.vars'), 'utf8').catch(() => '');
  return Object.fromEntries(Object.entries(parseEnv(text)).map(([name, value]) => [name, value ?? '']));
}

type StackAddresses = { postgresPort: number; gatewayOrigin: string; simulatorOrigin: string };

/** Returns the variables of simulated custom domains. */
const simulatedDomains = (origin: string): Variables => ({
  CLOUDFLARE_API_TOKEN: 'simulated',
  CLOUDFLARE_ZONE_ID: 'simulated-zone',
  CLOUDFLARE_BASE_URL: `${origin}${CLOUDFLARE_PATH}`,
  CUSTOM_DOMAIN_TARGET: SIMULATED_TARGET,
  DNS_RESOLVER_URL: `${origin}${RESOLVER_PATH}`,
});

/** Returns the variables of a simulated Turnstile. */
export const simulatedTurnstile = (origin: string): Variables => ({
  TURNSTILE_SITE_KEY: SIMULATED_SITE_KEY,
  TURNSTILE_SECRET_KEY: SIMULATED_SECRET_KEY,
  TURNSTILE_BASE_URL: origin,
});

/**
 * Returns the Worker's variables: the user's own, with the stack's database, secrets and hostnames over them. A provider is
 * simulated unless the user has set its key, and custom domains are unless they have set Cloudflare's token. Mail always is.
 */
export function workerVariables(
  user: Variables,
  secrets: StackSecrets,
  addresses: StackAddresses,
): Variables {
  const simulated = providerKindIds.filter((kind) => !user[platformSettingsOf(kind).api_key]);
  const simulations = simulated.flatMap((kind) => {
    const { api_key, base_url } = platformSettingsOf(kind);
    return [
      [api_key, 'simulated'],
      [base_url, `${addresses.simulatorOrigin}${simulatedApis[kind].base_path}`],
    ];
  });
  return {
    ...user,
    ...Object.fromEntries(simulations),
    ...(user.CLOUDFLARE_API_TOKEN ? {} : simulatedDomains(addresses.simulatorOrigin)),
    PLATFORM_DOMAIN: 'localhost',
    PLATFORM_HOSTNAMES: 'localhost,127.0.0.1',
    SIMULATED_PROVIDERS: simulated.join(','),
    DATABASE_URL: `postgresql://app_worker:${secrets.app_worker_password}@127.0.0.1:${addresses.postgresPort}/vanilla`,
    NEON_FETCH_ENDPOINT: `${addresses.gatewayOrigin}/sql`,
    JWT_SECRET: secrets.jwt_secret,
    PASSWORD_PEPPER: secrets.password_pepper,
    KEY_RING: secrets.key_ring,
    MAIL_FROM: user.MAIL_FROM || 'no-reply@vanilla.test',
    MAILBOX_URL: `${addresses.simulatorOrigin}${MAIL_PATH}`,
    ALLOW_LOCAL_BASE_URLS: 'true',
  };
}
