import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { startNeonGateway } from '../../dev/neon-gateway.ts';
import { makeWorld, type World } from '../rls/world.ts';
import { copyDatabase, startMigratedPostgres } from './migrated-postgres.ts';
import type { ProvidedDatabase } from './provided-database.ts';
import { openTestDatabase, workerUrlOf } from './test-database.ts';

const walletsOf = ({ places: { own, foreign } }: World) => [
  { tenant_id: own.tenant_id, user_id: own.user_id },
  { tenant_id: own.tenant_id, user_id: own.spare_user_id },
  { tenant_id: foreign.tenant_id, user_id: foreign.user_id },
];

/** Inserts users of several tenants into the database that is copied. */
async function makePeople(ownerUrl: string): Promise<Pick<ProvidedDatabase, 'wallets' | 'spares'>> {
  const database = await openTestDatabase(ownerUrl);
  const twins = walletsOf(await makeWorld(database.owner));
  const wallets = walletsOf(await makeWorld(database.owner)).flatMap((own, index) => {
    const twin = twins[index];
    return twin === undefined ? [] : [{ own, twin }];
  });
  const spares = walletsOf(await makeWorld(database.owner));
  await database.stop();
  return { wallets, spares };
}

/** Starts a server that answers every request with a new result of `make`. */
async function startMaker(make: () => Promise<unknown>) {
  const server = createServer((_request, response) => {
    make().then(
      (made) => response.end(JSON.stringify(made)),
      (error) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Starts a real Postgres next to workerd. Each test file that needs it gets a database of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startMigratedPostgres();
  const people = await makePeople(postgres.ownerUrl);
  const gateway = await startNeonGateway(postgres.port);
  const resettingGateway = await startNeonGateway(postgres.port);
  await fetch(`${resettingGateway.origin}/_faults`, {
    method: 'PUT',
    body: JSON.stringify({ mode: 'reset_after_commit' }),
  });
  const copies = await startMaker(async (): Promise<ProvidedDatabase> => {
    const { ownerUrl } = await copyDatabase(postgres.ownerUrl);
    return {
      owner_url: ownerUrl,
      worker_url: workerUrlOf(ownerUrl),
      gateway_origin: gateway.origin,
      resetting_gateway_origin: resettingGateway.origin,
      ...people,
    };
  });
  project.provide('databaseCopies', copies.url);
  project.provide('seed', Number(process.env.JOURNAL_SEED ?? Date.now() % 2 ** 31));
  return async () => {
    copies.server.close();
    await resettingGateway.stop();
    await gateway.stop();
    await postgres.stop();
  };
}
