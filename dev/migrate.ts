import { fileURLToPath } from 'node:url';
import { neonConfig, Pool } from '@neondatabase/serverless';
import { drizzle } from 'drizzle-orm/neon-serverless';
import { migrate as runMigrations } from 'drizzle-orm/neon-serverless/migrator';

const folder = fileURLToPath(new URL('../migrations', import.meta.url));

/** Returns a pool of the Neon driver for Node. It connects to `gateway` (host:port, the local stack's), or to Neon when null. */
export function ownerPool(ownerUrl: string, gateway: string | null): Pool {
  if (gateway !== null) {
    neonConfig.wsProxy = () => `${gateway}/v2`;
    neonConfig.useSecureWebSocket = false;
    neonConfig.pipelineConnect = false;
    neonConfig.pipelineTLS = false;
  }
  const pool = new Pool({ connectionString: ownerUrl, max: 1 });
  // An idle connection that breaks is ignored: the next query opens another.
  pool.on('error', () => undefined);
  return pool;
}

/** Applies the pending migrations as the owner. Idempotent. */
export async function migrate(ownerUrl: string, gateway: string | null = null): Promise<void> {
  const pool = ownerPool(ownerUrl, gateway);
  try {
    await runMigrations(drizzle(pool), { migrationsFolder: folder });
  } finally {
    await pool.end();
  }
}

if (import.meta.main) {
  const ownerUrl = process.env.DATABASE_OWNER_URL;
  if (ownerUrl === undefined || process.argv.includes('--help')) {
    console.log(
      'Brings a Neon database up to date.\n\n  DATABASE_OWNER_URL=postgresql://owner:...@host/db npm run migrate',
    );
    process.exit(ownerUrl === undefined ? 1 : 0);
  }
  await migrate(ownerUrl);
  console.log('The schema is up to date.');
}
