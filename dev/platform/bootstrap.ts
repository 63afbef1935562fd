import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { emailAddress } from '../../contracts/api/account/auth.ts';
import type { CatalogFile } from '../../contracts/catalog/catalog-file.ts';
import { DEFAULT_PORT, UsageError } from '../options.ts';
import { CATALOG_FILE, readCatalogFile } from './catalog-file.ts';
import { type FirstSuperadmin, type Opened, openPlatform } from './open-platform.ts';
import { runOwnerCommand } from './owner-command.ts';

const HELP = `Turns a migrated, empty database into a working platform: a default level, the current models of OpenAI, Anthropic and Google
with their list prices, and a link by which the first superadmin makes their account. Running it again changes nothing.

  DATABASE_OWNER_URL=postgresql://owner:...@host/db npm run bootstrap -- --email you@example.com

  --email ADDRESS     the first superadmin; needed until there is a link
  --origin URL        where the platform's web app is, instead of the first of PLATFORM_HOSTNAMES in wrangler.toml
  --new-link          replace a link that was lost before it was used
  --gateway HOST:PORT connect to the local stack's gateway instead of Neon
  --help              show this

The link is shown once, works once, and ends after 7 days. Providers are disabled until they have a key: sign in, open Providers,
give each its key and enable it. Later, npm run catalog:update brings new models and prices.`;

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Returns the origin of the first platform hostname in wrangler.toml. */
async function configuredOrigin(): Promise<string> {
  // Loaded here alone: it takes seconds.
  const { experimental_readRawConfig: readWranglerConfig } = await import('wrangler');
  const { rawConfig } = readWranglerConfig({ config: path.join(root, 'wrangler.toml') });
  const [hostname = ''] = String(rawConfig.vars?.PLATFORM_HOSTNAMES ?? '').split(',');
  return hostname === 'localhost' ? `http://localhost:${DEFAULT_PORT}` : `https://${hostname.trim()}`;
}

function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(`--origin must be like https://app.example.com, not "${text}".`);
  return url.origin;
}

function parseEmail(text: string): string {
  const email = emailAddress.safeParse(text);
  if (!email.success) throw new UsageError(`--email must be an email address, not "${text}".`);
  return email.data;
}

function superadminText(superadmin: FirstSuperadmin): string {
  switch (superadmin.state) {
    case 'signed_up':
      return `${superadmin.email} is there. They invite others on the page Users.`;
    case 'invited':
      return `${superadmin.email} has a link until ${new Date(superadmin.expires_at).toUTCString()}, shown when it was made. To replace it: --new-link.`;
    case 'new_link':
      return `${superadmin.email} opens this link within 7 days. It works once, and is not shown again:\n\n    ${superadmin.link}\n`;
    case 'email_taken':
      return `${superadmin.email} has an account without that role. Name another address with --email.`;
    case 'email_missing':
      return 'nobody yet. Name the first with --email you@example.com.';
  }
}

function describe({ level, models, superadmin }: Opened, file: CatalogFile): string {
  const providers = file.providers.map(({ name }) => name).join(', ');
  return [
    `Level       ${level === 'made' ? 'the default level gives whoever runs the platform tokens to try its models.' : 'as it was.'}`,
    `Catalog     ${models === null ? 'as it was. To update it: npm run catalog:update' : `${models} models of ${providers}, at the list prices of ${file.version}. Their providers wait for keys.`}`,
    `Superadmin  ${superadminText(superadmin)}`,
  ].join('\n');
}

const isUnfinished = ({ superadmin: { state } }: Opened) =>
  state === 'email_missing' || state === 'email_taken';

process.exitCode = await runOwnerCommand(
  HELP,
  {
    email: { type: 'string' },
    origin: { type: 'string' },
    'new-link': { type: 'boolean', default: false },
  },
  async (database, { email, origin, 'new-link': newLink }) => {
    const options = {
      email: email === undefined ? null : parseEmail(email),
      origin: origin === undefined ? await configuredOrigin() : parseOrigin(origin),
      newLink,
    };
    const file = await readCatalogFile(CATALOG_FILE);
    const opened = await openPlatform(database, file, options);
    console.log(describe(opened, file));
    return isUnfinished(opened) ? 1 : 0;
  },
);
