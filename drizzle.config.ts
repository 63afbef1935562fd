import { defineConfig } from 'drizzle-kit';

/** `npm run db:generate` writes the next migration from the schema; grants, FORCE, functions and triggers are hand-written. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './worker/db/schema',
  out: './migrations',
  entities: { roles: { provider: 'neon', exclude: ['app_worker'] } },
});
