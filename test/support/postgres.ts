import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deletePostgres, startPostgres } from '../../dev/postgres.ts';

export type TestPostgres = { ownerUrl: string; port: number; stop(): Promise<void> };

/** A real, empty Postgres of its own for one test file, in a folder that `stop` deletes. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const folder = await mkdtemp(path.join(tmpdir(), 'vanilla-test-postgres-'));
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
