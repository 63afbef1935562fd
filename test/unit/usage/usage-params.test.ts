import { describe, expect, it } from 'vitest';
import {
  type UsageItem,
  usageCsvParams,
  usageReportParams,
  usageSums,
} from '../../../contracts/api/usage.ts';
import { periodBefore } from '../../../worker/db/usage/usage-report.ts';
import { csvOfUsageItems } from '../../../worker/http/answers/usage-csv.ts';

const period = { from: '2026-11-01', to: '2026-11-30' };

/** Returns the field and the rule of each issue. */
const issuesOf = (query: object) =>
  usageReportParams
    .safeParse({ ...period, ...query })
    .error?.issues.map((issue) => [
      issue.path.join('.'),
      'params' in issue ? issue.params?.rule : issue.code,
    ]);

describe('a report of usage', () => {
  it.each(['day', 'hour', 'model', 'user,day', 'day,model', 'provider,tenant', 'level,key'])(
    'is grouped by %s',
    (group_by) => {
      expect(issuesOf({ group_by })).toBeUndefined();
    },
  );

  it.each(['', 'week', 'day,hour', 'day,day', 'day,model,user', 'day,', 'Day', 'day, model'])(
    'is not grouped by "%s"',
    (group_by) => {
      expect(issuesOf({ group_by })).toContainEqual(['group_by', 'grouping']);
    },
  );

  it('by hour has at most 31 days, and by anything else 400', () => {
    expect(issuesOf({ group_by: 'hour', to: '2026-12-01' })).toBeUndefined();
    expect(issuesOf({ group_by: 'model,hour', to: '2026-12-02' })).toEqual([['to', 'period_too_long']]);
    expect(issuesOf({ group_by: 'day', to: '2027-12-05' })).toBeUndefined();
    expect(issuesOf({ group_by: 'day', to: '2027-12-06' })).toEqual([['to', 'period_too_long']]);
    expect(issuesOf({ group_by: 'day', to: '2026-10-31' })).toEqual([['to', 'before_from']]);
  });

  it('is ordered by time with a time alone, and by any sum', () => {
    expect(issuesOf({ group_by: 'model', sort: 'time' })).toEqual([['sort', 'needs_time']]);
    for (const sort of ['time', ...usageSums])
      expect(issuesOf({ group_by: 'user,day', sort })).toBeUndefined();
    expect(issuesOf({ group_by: 'day', sort: 'latency_ms' })?.[0]?.[0]).toBe('sort');
  });

  it('refuses ids that are none, limits that are too large, and days that are no dates', () => {
    expect(issuesOf({ group_by: 'day', user_id: 'ada' })?.[0]?.[0]).toBe('user_id');
    expect(issuesOf({ group_by: 'day', limit: '1001' })?.[0]?.[0]).toBe('limit');
    expect(issuesOf({ group_by: 'day', from: '2026-02-30' })?.[0]?.[0]).toBe('from');
    expect(usageCsvParams.parse({ ...period, group_by: 'day' }).order).toBe('desc');
  });
});

it('the period before has the same length', () => {
  expect(periodBefore(period)).toEqual({ from: '2026-10-02', to: '2026-10-31' });
  expect(periodBefore({ from: '2028-03-01', to: '2028-03-01' })).toEqual({
    ...{ from: '2028-02-29', to: '2028-02-29' },
  });
});

it('a file has a line for each item, empty fields for what cannot be seen, and no formula', () => {
  const sums = Object.fromEntries(usageSums.map((name, at) => [name, at]));
  const item = {
    ...sums,
    ...{ revenue_micro_usd: null, latency_ms: { p50: 1, p95: 2, p99: 3 }, first_token_ms: null },
    ...{ day: null, hour: '2026-11-23T12:00:00.000Z', model: null, user: null },
    ...{ provider: null, level: null, tenant: null, api_key: { id: 'k', name: '=1+1' } },
  } as UsageItem;
  const [header, line, rest] = csvOfUsageItems('hour,key', [item]).split('\r\n');
  const fields = new Map(header?.split(',').map((name, at) => [name, line?.split(',')[at]]));
  expect([...fields.keys()].slice(0, 4)).toEqual(['hour', 'api_key_id', 'api_key_name', 'executions']);
  expect(fields.get('api_key_name')).toBe("'=1+1");
  expect(fields.get('failed_executions')).toBe('1');
  expect(fields.get('revenue_micro_usd')).toBe('');
  expect([fields.get('latency_p95_ms'), fields.get('first_token_p50_ms')]).toEqual(['2', '']);
  expect(rest).toBe('');
});
