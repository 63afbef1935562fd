import { describe, expect, it } from 'vitest';
import {
  type Counts,
  costTables,
  countsFrom,
  readCounts,
  readDocument,
  usageOf,
  usdPerMillion,
  withTables,
} from '../../../bench/cost.ts';

/** The counts that an execution may have at most on a busy wallet. */
const target: Counts = { calls: 2, rows: 6, alarms_run: 0.1, messages: 0.1, confirmations: 0.1, cpu_ms: 1 };

describe('the cost of executions', () => {
  it('is in the document as computed from the counts', () => {
    const document = readDocument();
    expect(withTables(document, costTables(readCounts()))).toBe(document);
  });

  it('is at most $8 a million at Cloudflare, for the counts that are the target', () => {
    expect(usdPerMillion(target)).toBeLessThanOrEqual(8);
    expect(usdPerMillion({ ...target, rows: 7.5 })).toBeGreaterThan(8);
  });

  it('counts every 64 KB of a message as an operation to write, read and delete it', () => {
    expect(usageOf({ ...target, messages: 1 }).queue_operations).toBe(3);
    // A message of 100 entries has two times 64 KB.
    expect(usageOf({ ...target, messages: 0.02 }).queue_operations).toBeCloseTo(0.12);
  });

  it('counts alarms and confirmations as requests to the wallet', () => {
    expect(usageOf(target).object_requests).toBeCloseTo(2.2);
  });

  it('is computed again from results of the benchmarks', () => {
    const figures = Object.entries(target).map(([name, median]) => ({ name, values: { lone: { median } } }));
    const environment = { measured_at: '2026-11-30T00:00:00Z', commit: 'abc' };
    const rows = [{ name: 'counts', figures }];
    expect(countsFrom({ environment, rows }, ['lone']).scenarios).toEqual({ lone: target });
    expect(() => countsFrom({ environment, rows }, ['busy'])).toThrow('calls of busy');
  });
});
