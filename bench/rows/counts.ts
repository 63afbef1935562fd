import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { type LoadPlan, putLoad } from '../load/put-load.ts';
import { short } from '../models.ts';
import type { Contender, Row } from '../row.ts';
import { takeRoundTrips } from '../stack/round-trips.ts';
import { ourTarget } from '../targets.ts';

/** Calls that a wallet gets from the journal, and not from an execution. */
const JOURNAL_CALLS = new Set(['confirm']);

/** By then every alarm that an execution has set has rung, also those that find nothing to do. */
const QUIET_MS = 7_000;

/** The billed units of one execution, counted while a load runs until its journal is written. */
export async function countsRow(bench: Bench): Promise<Row> {
  const stack = await bench.stack();
  const driver = await bench.driver();
  const counted = async (
    name: string,
    wallets: number,
    planOf: (seconds: number) => Omit<LoadPlan, 'model' | 'stream'>,
  ): Promise<Contender> => {
    const users = await bench.driverUsers(name, wallets);
    const identities = users.map(({ tenant_id, id }) => ({ tenant_id, user_id: id }));
    const target = { ...ourTarget(stack, driver.worker, users), name };
    return {
      ...{ name, side: 'us' },
      async measure(seconds) {
        await driver.resetCounts();
        await takeRoundTrips(stack.gateway.port);
        const plan = { ...planOf(seconds), model: short, stream: false };
        const { requests, cpu_ms } = await putLoad(bench.generator(), target, plan);
        await sleep(QUIET_MS);
        const counts = await driver.counts();
        const round_trips = await takeRoundTrips(stack.gateway.port);
        const pruned = await driver.prune(identities);
        const calls = Object.entries(counts.calls);
        const callsOf = (isWanted: (method: string) => boolean) =>
          calls.reduce((sum, [method, count]) => sum + (isWanted(method) ? count : 0), 0);
        const totals = {
          rows: counts.rows_written + counts.alarms_set + pruned,
          rows_kept: counts.rows_written,
          rows_pruned: pruned,
          alarms_set: counts.alarms_set,
          alarms_run: counts.alarms_run,
          messages: counts.messages,
          confirmations: callsOf((method) => JOURNAL_CALLS.has(method)),
          calls: callsOf((method) => !JOURNAL_CALLS.has(method)),
          round_trips,
          cpu_ms,
        };
        return Object.fromEntries(Object.entries(totals).map(([key, total]) => [key, total / requests]));
      },
    };
  };
  const figure = (name: string, label: string, unit = '/execution') =>
    ({ name, label, unit, better: 'less' }) as const;
  return {
    name: 'counts',
    title: 'Counts of one execution',
    rounds_max: 2,
    figures: [
      figure('rows', 'rows written in all'),
      figure('rows_kept', 'rows written at once'),
      figure('rows_pruned', 'rows written to prune'),
      figure('alarms_set', 'alarms set, each a row'),
      figure('alarms_run', 'alarms run'),
      figure('messages', 'queue messages'),
      figure('confirmations', 'confirmations'),
      figure('calls', 'object calls on the path'),
      figure('round_trips', 'database round trips'),
      figure('cpu_ms', 'CPU', 'ms'),
    ],
    contenders: [
      await counted('one busy wallet', 1, (seconds) => ({ connections: 32, seconds })),
      await counted('64 busy wallets', 64, (seconds) => ({ connections: 32, seconds })),
      await counted('lone executions', 8, () => ({
        ...{ connections: 1, seconds: 60, requests_max: 8, pause_ms: 2_000 },
      })),
    ],
  };
}
