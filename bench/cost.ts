import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

/**
 * Computes what executions cost from counts of one execution (cost-counts.json) and published prices, and writes the tables
 * into docs/cost.md:
 *
 *   node bench/cost.ts [--results <results.json of npm run bench>]
 */

/** The counts of one execution, on average, pruning included. The names are those of the row `counts` of the benchmarks. */
export type Counts = {
  /** Calls of the wallet while the client waits. */
  calls: number;
  /** Rows written in the wallet. An alarm that is set is a row. */
  rows: number;
  alarms_run: number;
  messages: number;
  confirmations: number;
  cpu_ms: number;
};
export type CountsFile = { source: string; scenarios: Record<string, Counts> };

/** Published in November 2026 (docs/cost.md names the pages). */
const PRICES = {
  workers_plan_usd: 5,
  neon_cu_hour_usd: 0.106,
  neon_storage_gb_month_usd: 0.35,
};

/** A metered price: `usd` per `unit` beyond what the Workers Paid plan includes each month. */
type Price = { usd: number; unit: number; included: number };
const MILLION = 1_000_000;
const prices = {
  requests: { usd: 0.3, unit: MILLION, included: 10 * MILLION },
  cpu_ms: { usd: 0.02, unit: MILLION, included: 30 * MILLION },
  object_requests: { usd: 0.15, unit: MILLION, included: MILLION },
  object_gb_seconds: { usd: 12.5, unit: MILLION, included: 400_000 },
  rows_written: { usd: 1, unit: MILLION, included: 50 * MILLION },
  queue_operations: { usd: 0.4, unit: MILLION, included: MILLION },
  object_gb_months: { usd: 0.2, unit: 1, included: 5 },
} satisfies Record<string, Price>;
type Meter = keyof typeof prices;

const labels: Record<Meter, string> = {
  requests: 'Worker requests, consumer included',
  cpu_ms: 'CPU, ms',
  object_requests: 'Durable Object requests: calls, alarms, confirmations',
  object_gb_seconds: 'Durable Object duration, GB-s',
  rows_written: 'Rows written, alarms and pruning included',
  queue_operations: 'Queue operations',
  object_gb_months: 'Durable Object storage, GB-months',
};

const ENTRIES_PER_EXECUTION = 2;
const ENTRY_BYTES = 1_100;
/** A message is written, read and deleted, and each 64 KB of it is an operation. */
const OPERATIONS_PER_MESSAGE = 3;
const OPERATION_BYTES = 64_000;
/** An object is billed for 128 MB while it works. It works this long for a call, and while an alarm sends messages. */
const OBJECT_GB = 0.125;
const CALL_SECONDS = 0.01;
const ALARM_SECONDS = 0.1;
/** The bytes that a wallet keeps of an execution, and the days. */
const KEPT_BYTES = 3_000;
const KEPT_MONTHS = 7 / 30;
/** Rows of an execution in Postgres with their indexes, as measured. */
const POSTGRES_BYTES = 3_700;
const GIGABYTE = 1e9;

/** The metered quantities of one execution. */
export function usageOf(counts: Counts): Record<Meter, number> {
  const { calls, rows, alarms_run, messages, confirmations, cpu_ms } = counts;
  const messageBytes = messages === 0 ? 0 : (ENTRIES_PER_EXECUTION * ENTRY_BYTES) / messages;
  const object_requests = calls + alarms_run + confirmations;
  const activeSeconds = (calls + confirmations) * CALL_SECONDS + alarms_run * ALARM_SECONDS;
  return {
    // A message may be alone in its batch, and then is an invocation of the consumer.
    requests: 1 + messages,
    cpu_ms,
    object_requests,
    object_gb_seconds: activeSeconds * OBJECT_GB,
    rows_written: rows,
    queue_operations: messages * OPERATIONS_PER_MESSAGE * Math.ceil(messageBytes / OPERATION_BYTES),
    object_gb_months: (KEPT_BYTES * KEPT_MONTHS) / GIGABYTE,
  };
}

const meters = Object.keys(prices) as Meter[];

/** The price of a quantity in a month; with `marginal`, as if the plan included nothing. */
function usdOf(meter: Meter, quantity: number, marginal: boolean): number {
  const { usd, unit, included } = prices[meter];
  return (Math.max(0, quantity - (marginal ? 0 : included)) / unit) * usd;
}

/** The price of a million more executions at Cloudflare, in USD. */
export const usdPerMillion = (counts: Counts): number =>
  meters.reduce((sum, meter) => sum + usdOf(meter, MILLION * usageOf(counts)[meter], true), 0);

/** A number of executions a month, with the size of the database that takes its busiest second. */
type Volume = { label: string; executions: number; compute_units: number };
const volumes: Volume[] = [
  { label: '1 thousand', executions: 1_000, compute_units: 0.25 },
  { label: '1 million', executions: MILLION, compute_units: 0.25 },
  { label: '1 billion', executions: 1_000 * MILLION, compute_units: 8 },
];

const HOURS_PER_MONTH = 730;
const SECONDS_PER_MONTH = HOURS_PER_MONTH * 3_600;

const cloudflareUsd = (counts: Counts, { executions }: Volume): number =>
  PRICES.workers_plan_usd +
  meters.reduce((sum, meter) => sum + usdOf(meter, executions * usageOf(counts)[meter], false), 0);
const neonComputeUsd = ({ compute_units }: Volume) =>
  compute_units * HOURS_PER_MONTH * PRICES.neon_cu_hour_usd;
/** The storage of one month's executions, for each month that they are kept. */
const neonStorageUsd = ({ executions }: Volume) =>
  ((executions * POSTGRES_BYTES) / GIGABYTE) * PRICES.neon_storage_gb_month_usd;

/** The busiest second has this many times the average; the busiest wallet has this share of all executions. */
const PEAK = 10;
const LARGEST_WALLET = 0.1;

/** A limit, and how much of it executions use. */
type Limit = { label: string; max: number; used: (counts: Counts, volume: Volume) => number };
const peakPerSecond = ({ executions }: Volume) => (PEAK * executions) / SECONDS_PER_MONTH;
const limits: Limit[] = [
  {
    label: 'requests a second to the busiest wallet, of 1,000',
    max: 1_000,
    used: (counts, volume) => peakPerSecond(volume) * LARGEST_WALLET * usageOf(counts).object_requests,
  },
  {
    label: 'storage of the busiest wallet, of 10 GB',
    max: 10 * GIGABYTE,
    used: (_, { executions }) => executions * LARGEST_WALLET * KEPT_BYTES * KEPT_MONTHS,
  },
  {
    label: 'messages a second in the queue, of 5,000',
    max: 5_000,
    used: (counts, volume) => peakPerSecond(volume) * counts.messages,
  },
  {
    label: 'journal entries a second into Postgres, of 7,000 measured on two cores',
    max: 7_000,
    used: (_, volume) => peakPerSecond(volume) * ENTRIES_PER_EXECUTION,
  },
  {
    label: 'a year in one Postgres, of 16 TB',
    max: 16_000 * GIGABYTE,
    used: (_, { executions }) => 12 * executions * POSTGRES_BYTES,
  },
];

const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
const table = (head: string[], body: string[][]) =>
  [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...body.map(line)].join('\n');
const usd = (amount: number) =>
  `$${amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
const quantity = (value: number) => String(Number(value.toPrecision(3)));
const percent = (share: number) =>
  share < 0.001 ? 'under 0.1 %' : `${Number((100 * share).toPrecision(2)).toLocaleString('en')} %`;

function millionTable(scenarios: [string, Counts][]): string {
  const cells = (meter: Meter) =>
    scenarios.flatMap(([, counts]) => {
      const used = usageOf(counts)[meter];
      return [quantity(used), usd(usdOf(meter, MILLION * used, true))];
    });
  return table(
    ['', ...scenarios.flatMap(([name]) => [name, 'a million'])],
    [
      ...meters.map((meter) => [labels[meter], ...cells(meter)]),
      ['**All**', ...scenarios.flatMap(([, counts]) => ['', `**${usd(usdPerMillion(counts))}**`])],
    ],
  );
}

const monthTable = (scenarios: [string, Counts][]): string =>
  table(
    ['A month', ...volumes.map(({ label }) => label)],
    [
      ...scenarios.map(([name, counts]) => [
        `Cloudflare, ${name}`,
        ...volumes.map((volume) => usd(cloudflareUsd(counts, volume))),
      ]),
      [
        'Neon, computing: always on',
        ...volumes.map((volume) => `${usd(neonComputeUsd(volume))} (${volume.compute_units} CU)`),
      ],
      [
        'Neon, storage of these executions, every month',
        ...volumes.map((volume) => usd(neonStorageUsd(volume))),
      ],
    ],
  );

function limitTable([, counts]: [string, Counts]): string {
  const shares = volumes.map((volume) => limits.map(({ max, used }) => used(counts, volume) / max));
  return table(
    ['Used of a limit, at the busiest', ...volumes.map(({ label }) => label)],
    limits.map(({ label }, row) => [
      label,
      ...shares.map((column) => {
        const share = column[row] ?? 0;
        return share === Math.max(...column) ? `**${percent(share)}**` : percent(share);
      }),
    ]),
  );
}

/** The tables of docs/cost.md. Limits are those of the scenario that meets them first. */
export function costTables({ source, scenarios }: CountsFile): string {
  const named = Object.entries(scenarios);
  const dearest = named.toSorted(([, one], [, other]) => usdPerMillion(other) - usdPerMillion(one))[0];
  if (dearest === undefined) throw new Error('There are no counts');
  return [`Counts: ${source}.`, millionTable(named), monthTable(named), limitTable(dearest)].join('\n\n');
}

const MARKS = { begin: '<!-- tables of bench/cost.ts -->', end: '<!-- end of the tables -->' };

/** Puts the tables between the marks of a document. */
export function withTables(document: string, tables: string): string {
  const begin = document.indexOf(MARKS.begin);
  const end = document.indexOf(MARKS.end);
  if (begin === -1 || end < begin) throw new Error(`The document lacks ${MARKS.begin} ${MARKS.end}`);
  return `${document.slice(0, begin)}${MARKS.begin}\n\n${tables}\n\n${document.slice(end)}`;
}

type BenchResults = {
  environment: { measured_at: string; commit: string };
  rows: { name: string; figures: { name: string; values: Record<string, { median: number }> }[] }[];
};

/** Takes the counts of the scenarios from results of the benchmarks. */
export function countsFrom({ environment, rows }: BenchResults, scenarios: string[]): CountsFile {
  const figures = rows.find(({ name }) => name === 'counts')?.figures;
  if (figures === undefined) throw new Error('The results have no row of counts');
  const countOf = (scenario: string, name: keyof Counts): number => {
    const value = figures.find((figure) => figure.name === name)?.values[scenario]?.median;
    if (value === undefined) throw new Error(`The results lack ${name} of ${scenario}`);
    return Number(value.toPrecision(3));
  };
  const names = ['calls', 'rows', 'alarms_run', 'messages', 'confirmations', 'cpu_ms'] as const;
  const countsOf = (scenario: string) =>
    Object.fromEntries(names.map((name) => [name, countOf(scenario, name)])) as Counts;
  return {
    source: `\`npm run bench\` on ${environment.measured_at.slice(0, 10)} at ${environment.commit}`,
    scenarios: Object.fromEntries(scenarios.map((scenario) => [scenario, countsOf(scenario)])),
  };
}

const countsPath = path.join(import.meta.dirname, 'cost-counts.json');
const documentPath = path.join(import.meta.dirname, '../docs/cost.md');

export const readCounts = (): CountsFile => JSON.parse(readFileSync(countsPath, 'utf8'));
export const readDocument = (): string => readFileSync(documentPath, 'utf8');

if (import.meta.main) {
  const { values } = parseArgs({ options: { results: { type: 'string' } } });
  if (values.results !== undefined) {
    const results = JSON.parse(readFileSync(values.results, 'utf8'));
    const counts = countsFrom(results, Object.keys(readCounts().scenarios));
    writeFileSync(countsPath, `${JSON.stringify(counts, null, 2)}\n`);
  }
  writeFileSync(documentPath, withTables(readDocument(), costTables(readCounts())));
}
