import { cloudflareTest } from '@cloudflare/vitest-pool-workers';
import { defineConfig } from 'vitest/config';

/** Tests that run inside workerd, with the bindings of wrangler.toml. */
export default defineConfig({
  plugins: [cloudflareTest({ wrangler: { configPath: '../../wrangler.toml' } })],
  test: { name: 'workers', include: ['**/*.test.ts'], testTimeout: 30_000 },
});
