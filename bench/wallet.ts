import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unstable_dev } from 'wrangler';

/**
 * Measures the reserve-and-settle pairs per second of one wallet, and the latency of a pair, in workerd with storage on disk:
 * `node bench/wallet.ts [seconds per row]`.
 */

const CALLERS = [1, 8, 32, 128];
const durationMs = 1_000 * Number(process.argv[2] ?? 5);

const folder = mkdtempSync(path.join(tmpdir(), 'wallet-bench-'));
const worker = await unstable_dev(path.join(import.meta.dirname, 'wallet-driver.ts'), {
  config: path.join(import.meta.dirname, 'wallet.wrangler.toml'),
  persistTo: folder,
  logLevel: 'error',
  experimental: { disableExperimentalWarning: true },
});

try {
  const run = async (callers: number, runMs: number) => {
    const response = await worker.fetch(`/?callers=${callers}&duration_ms=${runMs}`);
    if (!response.ok) throw new Error(await response.text());
    return ((await response.json()) as number[]).sort((one, other) => one - other);
  };
  await run(8, 1_000);
  const rows = [];
  for (const callers of CALLERS) {
    const pairs = await run(callers, durationMs);
    const percentile = (share: number) => pairs[Math.floor((pairs.length - 1) * share)];
    rows.push({
      callers,
      'pairs/s': Math.round(pairs.length / (durationMs / 1_000)),
      'p50 ms': percentile(0.5),
      'p99 ms': percentile(0.99),
    });
  }
  console.table(rows);
} finally {
  await worker.stop();
  rmSync(folder, { recursive: true, force: true });
}
