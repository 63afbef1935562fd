import type { FigureResult, RowResult } from '../row.ts';
import type { Spread } from '../statistics.ts';

/** The targets of the product, and what the results say of them. Pure. */

/** A bound on a value of ours, or on its ratio to that of a peer. */
type Target = {
  about: string;
  row: string;
  figure: string;
  us: string;
  peer?: string;
  at: 'least' | 'most';
  bound: number;
};

export type Verdict = { about: string; bound: string; measured: Spread; holds: boolean };

const ONE = 'us, one wallet';
const MANY = 'us, 64 wallets';
const PORTKEY = 'Portkey';

const ofList = (list: string, about: string): Target => ({
  ...{ about: `${about}: time under row security to time without`, row: `list-${list}`, figure: 'p50_ms' },
  ...{ us: 'row security', peer: 'none', at: 'most', bound: 1.1 },
});
const ofBusyWallet = (figure: string, about: string, bound: number): Target => ({
  ...{
    about: `${about} of an execution on a busy wallet`,
    row: 'counts',
    figure,
    us: 'one busy wallet',
    at: 'most',
    bound,
  },
});
const ofLoneExecution = (figure: string, about: string): Target => ({
  ...{
    about: `${about} of a lone execution`,
    row: 'counts',
    figure,
    us: 'lone executions',
    at: 'most',
    bound: 1,
  },
});

const targets: Target[] = [
  {
    ...{ about: 'Throughput on one wallet, 32 connections, to Portkey', row: 'connections-32' },
    ...{ figure: 'per_second', us: ONE, peer: PORTKEY, at: 'least', bound: 1 },
  },
  {
    ...{ about: 'Throughput on 64 wallets, 32 connections, to Portkey', row: 'connections-32' },
    ...{ figure: 'per_second', us: MANY, peer: PORTKEY, at: 'least', bound: 0.7 },
  },
  {
    ...{ about: 'Median latency, 1 connection, to Portkey', row: 'connections-1' },
    ...{ figure: 'p50_ms', us: ONE, peer: PORTKEY, at: 'most', bound: 2 },
  },
  {
    ...{ about: 'p99 latency, 1 connection, to Portkey', row: 'connections-1' },
    ...{ figure: 'p99_ms', us: ONE, peer: PORTKEY, at: 'most', bound: 1 },
  },
  {
    ...{ about: 'Median time to the first streamed byte, to Portkey without its pause', row: 'first-byte' },
    ...{ figure: 'own_p50_ms', us: ONE, peer: PORTKEY, at: 'most', bound: 1.5 },
  },
  {
    ...{ about: 'Reserve and settle, 32 callers, to a transaction on a locked row', row: 'pairs-32' },
    ...{ figure: 'per_second', us: 'us', peer: 'row lock, transaction', at: 'least', bound: 4 },
  },
  {
    ...{ about: 'Journal entries per second', row: 'journal', figure: 'per_second' },
    ...{ us: 'us', at: 'least', bound: 5_000 },
  },
  ofList('own-executions', "A user's own executions"),
  ofList('executions', "A tenant's executions"),
  ofList('ledger', "A user's ledger"),
  ofList('users', "A tenant's users"),
  ofBusyWallet('rows', 'Rows written', 6),
  ofBusyWallet('calls', 'Object calls', 2),
  ofBusyWallet('messages', 'Messages', 0.1),
  ofBusyWallet('alarms_run', 'Alarms', 0.1),
  ofBusyWallet('confirmations', 'Confirmations', 0.1),
  ofLoneExecution('messages', 'Messages'),
  ofLoneExecution('alarms_run', 'Alarms'),
  ofLoneExecution('confirmations', 'Confirmations'),
];

const measuredOf = ({ us, peer }: Target, figure: FigureResult): Spread | undefined =>
  peer === undefined
    ? figure.values[us]
    : figure.ratios.find((ratio) => ratio.us === us && ratio.peer === peer);

/** Returns the verdict on each target that the results speak of. */
export function judge(rows: RowResult[]): Verdict[] {
  return targets.flatMap((target) => {
    const row = rows.find(({ name }) => name === target.row);
    const figure = row?.figures.find(({ name }) => name === target.figure);
    const measured = figure === undefined ? undefined : measuredOf(target, figure);
    if (measured === undefined) return [];
    const { about, at, bound } = target;
    const holds = at === 'least' ? measured.median >= bound : measured.median <= bound;
    return [{ about, bound: `at ${at} ${bound}`, measured, holds }];
  });
}
