import { cloudflareTest } from '@cloudflare/vitest-pool-workers';
import { defineConfig } from 'vitest/config';

/**
 * Runs tests inside workerd with the bindings of wrangler.toml. No database listens at the bound address, since a wallet must work
 * without Postgres. Tests that need a database use own-database.ts.
 */
const withoutDatabase = {
  DATABASE_URL: 'postgresql://app_worker:none@127.0.0.1:9/none',
  NEON_FETCH_ENDPOINT: 'http://127.0.0.1:9/sql',
  JWT_SECRET: 'a-secret-for-tests-of-at-least-32-characters',
  PASSWORD_PEPPER: 'a-pepper-for-tests-of-at-least-32-characters',
  KEY_RING: `1:${Buffer.alloc(32).toString('base64')}`,
  LOG_LEVEL: 'error',
};

export default defineConfig({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: '../../wrangler.toml' },
      miniflare: { bindings: withoutDatabase },
    }),
  ],
  test: {
    name: 'workers',
    include: ['**/*.test.ts'],
    globalSetup: ['../support/end-with-run.ts', '../support/workers-global-setup.ts'],
    expect: { poll: { timeout: 10_000 } },
    testTimeout: 30_000,
    // For two cores, which the tests of row security use meanwhile. A file waits for Postgres about as often as it uses a core.
    maxWorkers: 2,
    sequence: { groupOrder: 1 },
  },
});
