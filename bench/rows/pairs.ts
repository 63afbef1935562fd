import type { Bench } from '../bench.ts';
import type { Contender, Figure, Row, Sample } from '../row.ts';
import type { PairsResult, RowLockLoad } from '../row-locks/program.ts';
import { quantile } from '../statistics.ts';

const figures: Figure[] = [
  { name: 'per_second', label: 'pairs', unit: '/s', better: 'more' },
  { name: 'p50_ms', label: 'p50', unit: 'ms', better: 'less' },
  { name: 'p99_ms', label: 'p99', unit: 'ms', better: 'less' },
];

function sampleOf({ durations, seconds }: PairsResult): Sample {
  const ascending = durations.sort((one, other) => one - other);
  return {
    per_second: durations.length / seconds,
    p50_ms: quantile(ascending, 0.5),
    p99_ms: quantile(ascending, 0.99),
  };
}

/** Reserves and settles on one wallet, against a wallet that is a locked row of the same Postgres. */
export async function pairsRow(bench: Bench, name: string, callers: number): Promise<Row> {
  const { ownerUrl, journal } = await bench.stack();
  const driver = await bench.driver();
  const wallets = await bench.driverWallets('pairs', 1);
  const rowLocks = bench.rowLocks();
  const withRowLocks = (style: RowLockLoad['style']): Contender => ({
    name: style === 'transaction' ? 'row lock, transaction' : 'row lock, one statement',
    side: 'peer',
    async measure(seconds) {
      const load: RowLockLoad = { url: ownerUrl, callers, duration_ms: seconds * 1_000, style };
      return sampleOf(await rowLocks.ask<PairsResult>(load));
    },
  });
  return {
    name,
    title: `Reserve and settle on one wallet, ${callers === 1 ? '1 caller' : `${callers} callers`}`,
    figures,
    contenders: [
      {
        ...{ name: 'us', side: 'us' },
        async measure(seconds) {
          await journal.begin();
          // Timed here, because the clock of a Worker stands still while it computes.
          const startedMs = performance.now();
          const durations = await driver.runPairs({ wallets, callers, duration_ms: seconds * 1_000 });
          const took = (performance.now() - startedMs) / 1_000;
          await journal.waitFor(2 * durations.length);
          return sampleOf({ durations, seconds: took });
        },
      },
      withRowLocks('transaction'),
      withRowLocks('statement'),
    ],
  };
}
