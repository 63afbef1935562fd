import { DEMO_PASSWORD, demoTenants, demoUsers } from './seed-data.ts';

type Addresses = { port: number; gatewayOrigin: string; simulatorOrigin: string };

const label = (text: string) => `  ${text.padEnd(11)}`;

/** Returns the text printed when the stack is ready: addresses, demo users and simulated providers. */
export function readyMessage(addresses: Addresses, simulatedProviders: string[]): string {
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
    return [`${label(name)}http://${host}:${addresses.port}`, `${label('')}${emails}`];
  });
  const simulated =
    simulatedProviders.length === 0
      ? 'none: every provider is real'
      : `${simulatedProviders.join(', ')} (give a real key in .dev.vars)`;
  return [
    '',
    'Vanilla SaaS is ready.',
    '',
    ...lines,
    `${label('Password')}${DEMO_PASSWORD} (for everybody)`,
    '',
    `${label('Simulated')}${simulated}`,
    `${label('Simulators')}${addresses.simulatorOrigin}/_control`,
    `${label('Database')}${addresses.gatewayOrigin}/_stats`,
    '',
    'Ctrl-C stops everything; the data stays.',
    '',
  ].join('\n');
}
