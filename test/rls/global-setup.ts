import type { TestProject } from 'vitest/node';
import { startMigratedPostgres } from '../support/migrated-postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connects, as the owner, to the database that each file copies and nobody uses. */
    migratedUrl: string;
  }
}

/** One Postgres for all files: each has a database of its own in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startMigratedPostgres();
  project.provide('migratedUrl', postgres.ownerUrl);
  return () => postgres.stop();
}
