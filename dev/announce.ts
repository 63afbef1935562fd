import { DEMO_PASSWORD, demoTenants, demoUsers } from './seed-data.ts';
import { MAILBOX_PATH } from './simulators/mail/mailbox.ts';

type Addresses = { port: number; gatewayOrigin: string; simulatorOrigin: string };

const label = (text: string) => `  ${text.padEnd(11)}`;

/** Lines about the demo tenants and their users. */
function demoLines(port: number): string[] {
  const hosts = [
    ...demoTenants.map(({ id, name, slug }) => ({ id, name, host: `${slug}.localhost` })),
    { id: null, name: 'Platform', host: 'localhost' },
  ];
  const isPlatform = (tenantId: string) => demoTenants.every(({ id }) => id !== tenantId);
  const lines = hosts.flatMap(({ id, name, host }) => {
    const people = demoUsers.filter((user) =>
      id === null ? isPlatform(user.tenant_id) : user.tenant_id === id,
    );
    const emails = people.map(({ email }) => email).join('   ');
    return [`${label(name)}http://${host}:${port}`, `${label('')}${emails}`];
  });
  return [...lines, `${label('Password')}${DEMO_PASSWORD} (for everybody)`];
}

/** Lines for clients that do not resolve `*.localhost` by themselves, as browsers and curl do. */
function hostnameHint(port: number): string[] {
  const [tenant] = demoTenants;
  if (tenant === undefined) return [];
  return [
    `If a client cannot find ${tenant.slug}.localhost, add "127.0.0.1 ${demoTenants.map(({ slug }) => `${slug}.localhost`).join(' ')}"`,
    `to the hosts file, or call http://localhost:${port} with the header X-Tenant-Slug: ${tenant.slug}.`,
    '',
  ];
}

/** Lines about the first steps of an owner, whose database has neither users nor models. */
const firstSteps = ({ port, gatewayOrigin }: Addresses, ownerUrl: string): string[] => [
  `${label('Platform')}http://localhost:${port}`,
  `${label('To begin')}DATABASE_OWNER_URL=${ownerUrl} \\`,
  `${label('')}npm run bootstrap -- --email you@example.com \\`,
  `${label('')}--gateway ${new URL(gatewayOrigin).host} --origin http://localhost:${port}`,
];

/**
 * Returns the text printed when the stack is ready: addresses, simulated providers, and the demo users, or how to begin without them.
 * `emptyDatabase` is the owner's connection string of a database without demo data.
 */
export function readyMessage(
  addresses: Addresses,
  simulatedProviders: string[],
  emptyDatabase: string | null,
): string {
  const lines = emptyDatabase === null ? demoLines(addresses.port) : firstSteps(addresses, emptyDatabase);
  const simulated =
    simulatedProviders.length === 0
      ? 'none: every provider is real'
      : `${simulatedProviders.join(', ')} (give a real key in .dev.vars)`;
  return [
    '',
    'Vanilla SaaS is ready.',
    '',
    ...lines,
    '',
    `${label('Simulated')}${simulated}`,
    `${label('Mailbox')}${addresses.simulatorOrigin}${MAILBOX_PATH} (simulated: no mail leaves this machine)`,
    `${label('Simulators')}${addresses.simulatorOrigin}/_control`,
    `${label('Database')}${addresses.gatewayOrigin}/_stats`,
    '',
    ...(emptyDatabase === null ? hostnameHint(addresses.port) : []),
    'Ctrl-C stops everything; the data stays. To see each request: npm start -- --verbose',
    '',
  ].join('\n');
}
