import { deletePostgres, endOrphanedPostgres, startPostgres } from '../../dev/postgres.ts';
import { findAbandonedFolders, makeThrowawayFolder } from './throwaway.ts';

export type TestPostgres = { ownerUrl: string; port: number; stop(): Promise<void> };

/** Starts an empty Postgres for one test file, in a folder that `stop` deletes. */
export async function startTestPostgres(): Promise<TestPostgres> {
  for (const abandoned of await findAbandonedFolders('postgres')) {
    await endOrphanedPostgres(abandoned);
    await deletePostgres(abandoned);
  }
  const folder = await makeThrowawayFolder('postgres');
  const postgres = await startPostgres(folder);
  return {
    ownerUrl: postgres.ownerUrl,
    port: postgres.port,
    async stop() {
      await postgres.stop();
      await deletePostgres(folder);
    },
  };
}
