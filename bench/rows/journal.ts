import type { Bench } from '../bench.ts';
import { putLoad } from '../load/put-load.ts';
import { short } from '../models.ts';
import type { Row } from '../row.ts';
import { quantile } from '../statistics.ts';
import { ourTarget } from '../targets.ts';

const WALLETS = 32;
/** Pairs of entries that gather before the journal may run, for each second of a measurement. */
const PAIRS_PER_SECOND = 1_000;

/** Entries per second from wallets to Postgres, when many wait. */
export async function journalRow(bench: Bench): Promise<Row> {
  const { journal } = await bench.stack();
  const driver = await bench.driver();
  const wallets = await bench.driverWallets('journal', WALLETS);
  return {
    name: 'journal',
    title: `Journal: ${WALLETS} wallets with unsent entries, until all are in Postgres and confirmed`,
    figures: [{ name: 'per_second', label: 'entries', unit: '/s', better: 'more' }],
    contenders: [
      {
        ...{ name: 'us', side: 'us' },
        async measure(seconds) {
          await journal.begin();
          await driver.holdAlarms();
          const pairs_max = Math.ceil(PAIRS_PER_SECOND * seconds);
          const pairs = (await driver.runPairs({ wallets, callers: WALLETS, pairs_max })).length;
          const startedMs = performance.now();
          await driver.releaseAlarms(wallets);
          await journal.waitFor(2 * pairs);
          return { per_second: (2_000 * pairs) / (performance.now() - startedMs) };
        },
      },
    ],
  };
}

const CONNECTIONS = 8;
const PAUSE_MS = 80;

/** The time from a debit in a wallet to its row in Postgres, under a steady load. */
export async function journalLagRow(bench: Bench): Promise<Row> {
  const stack = await bench.stack();
  const { worker, users, journal } = stack;
  const targets = [ourTarget(stack, worker, users.slice(0, 1)), ourTarget(stack, worker, users)];
  return {
    name: 'journal-lag',
    title: 'Journal: from a debit to its row in Postgres, at under 100 executions a second',
    figures: [
      { name: 'p50_ms', label: 'lag p50', unit: 'ms', better: 'less' },
      { name: 'p99_ms', label: 'lag p99', unit: 'ms', better: 'less' },
      { name: 'per_second', label: 'executions', unit: '/s', better: 'more' },
    ],
    contenders: targets.map((target) => ({
      ...{ name: target.name, side: target.side },
      async measure(seconds) {
        const startedMs = Date.now();
        const plan = { connections: CONNECTIONS, pause_ms: PAUSE_MS, seconds, model: short, stream: false };
        const load = await putLoad(bench.generator(), target, plan);
        const lags = await journal.lagsSince(startedMs);
        return {
          p50_ms: quantile(lags, 0.5),
          p99_ms: quantile(lags, 0.99),
          per_second: load.requests / load.seconds,
        };
      },
    })),
  };
}
