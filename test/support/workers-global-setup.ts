import type { TestProject } from 'vitest/node';
import { startNeonGateway } from '../../dev/neon-gateway.ts';
import { openTestDatabase } from '../rls/database.ts';
import { makeWorld, type World } from '../rls/world.ts';
import { startMigratedPostgres } from './migrated-postgres.ts';
import type { ProvidedDatabase } from './provided-database.ts';

const walletsOf = ({ places: { own, foreign } }: World) => [
  { tenant_id: own.tenant_id, user_id: own.user_id },
  { tenant_id: own.tenant_id, user_id: own.spare_user_id },
  { tenant_id: foreign.tenant_id, user_id: foreign.user_id },
];

/** A real Postgres next to workerd, with users of several tenants in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startMigratedPostgres();
  const database = await openTestDatabase(postgres.ownerUrl);
  const twins = walletsOf(await makeWorld(database.owner));
  const wallets = walletsOf(await makeWorld(database.owner)).flatMap((own, index) => {
    const twin = twins[index];
    return twin === undefined ? [] : [{ own, twin }];
  });
  const resettingGateway = await startNeonGateway(postgres.port);
  await fetch(`${resettingGateway.origin}/_faults`, {
    method: 'PUT',
    body: JSON.stringify({ mode: 'reset_after_commit' }),
  });
  const provided: ProvidedDatabase = {
    owner_url: database.ownerUrl,
    worker_url: database.workerUrl,
    gateway_origin: database.gateway.origin,
    resetting_gateway_origin: resettingGateway.origin,
    wallets,
    spares: walletsOf(await makeWorld(database.owner)),
  };
  project.provide('database', provided);
  project.provide('seed', Number(process.env.JOURNAL_SEED ?? Date.now() % 2 ** 31));
  return async () => {
    await resettingGateway.stop();
    await database.stop();
    await postgres.stop();
  };
}
