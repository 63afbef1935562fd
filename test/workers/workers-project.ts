import path from 'node:path';
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

const pathOf = (relative: string) => path.resolve(import.meta.dirname, relative);

/**
 * Returns the configuration of a project inside workerd. Importing the Worker takes longer than most files' tests, so files share one,
 * without `isolate`, where they leave nothing behind that another could notice: wallets have names of their own, and requests have users
 * and addresses of their own. A file that changes a tenant, uses up a limit, replaces a binding or counts
 * rows has a Worker and a database of its own.
 */
export const workersProject = (name: string, include: string[], isolate: boolean) =>
  defineConfig({
    plugins: [
      cloudflareTest({
        wrangler: { configPath: pathOf('../../wrangler.toml') },
        miniflare: { bindings: withoutDatabase },
      }),
    ],
    test: {
      name,
      include,
      isolate,
      globalSetup: [pathOf('../support/end-with-run.ts'), pathOf('../support/workers-global-setup.ts')],
      // At the end of a file Vitest waits for the receipt of every line that it intercepted, for ever if another request logged one at
      // that moment (https://github.com/cloudflare/workers-sdk/issues/15719). workerd prints them itself.
      disableConsoleIntercept: true,
      expect: { poll: { timeout: 10_000 } },
      testTimeout: 30_000,
      // For two cores, which the tests of row security use meanwhile. A file waits for Postgres about as often as it uses a core.
      maxWorkers: 2,
      sequence: { groupOrder: 1 },
    },
  });
