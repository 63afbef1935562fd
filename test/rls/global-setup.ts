import type { TestProject } from 'vitest/node';
import { startMigratedPostgres } from '../support/migrated-postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL, for the owner, of the database that each file copies and none uses. */
    migratedUrl: string;
  }
}

/** Starts one Postgres in which every file has a database of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startMigratedPostgres();
  project.provide('migratedUrl', postgres.ownerUrl);
  return () => postgres.stop();
}
