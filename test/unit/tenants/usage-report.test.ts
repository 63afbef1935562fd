import { describe, expect, it } from 'vitest';
import {
  overviewParams,
  type PlatformUsage,
  usageExportParams,
  usageParams,
} from '../../../contracts/api/platform/platform.ts';
import { daysOf } from '../../../contracts/days.ts';
import { csvOfUsage, overviewOf } from '../../../worker/platform/usage-report.ts';

const figures = {
  ...{
    executions: 2,
    failed_executions: 1,
    own_key_executions: 0,
    input_tokens: 10,
    output_tokens: 5,
    tokens_charged: 7,
  },
  ...{ cost_micro_usd: 3, revenue_micro_usd: 2, margin_micro_usd: -1 },
};

describe('an overview', () => {
  it('has every day of the period, in all and by day', () => {
    const overview = overviewOf({ from: '2024-02-28', to: '2024-03-01' }, [
      { ...figures, day: '2024-02-28' },
      { ...figures, day: '2024-03-01' },
    ]);
    expect(overview.days.map(({ day, executions }) => [day, executions])).toEqual([
      ['2024-02-28', 2],
      ['2024-02-29', 0],
      ['2024-03-01', 2],
    ]);
    expect(overview.totals).toEqual(
      Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, 2 * value])),
    );
  });

  it('counts the days of a year, whatever the clocks do in between', () => {
    expect(daysOf({ from: '2026-01-01', to: '2026-12-31' })).toHaveLength(365);
  });
});

describe('a period', () => {
  const ruleOf = (query: object) => {
    const { error } = overviewParams.safeParse(query);
    return error?.issues.map(({ path, ...issue }) => [
      path.join('.'),
      'params' in issue ? issue.params?.rule : issue.code,
    ]);
  };

  it('is refused by the field and the rule', () => {
    expect(ruleOf({ from: '2026-11-02', to: '2026-11-01' })).toEqual([['to', 'before_from']]);
    expect(ruleOf({ from: '2026-01-01', to: '2027-02-05' })).toEqual([['to', 'period_too_long']]);
    expect(ruleOf({ from: '2026-01-01', to: '2027-02-04' })).toBeUndefined();
    expect(ruleOf({ from: '2026-02-30', to: '2026-11-01' })).toEqual([['from', 'invalid_format']]);
    expect(ruleOf({ to: '2026-11-01' })).toEqual([['from', 'invalid_type']]);
  });

  it('of usage is ordered by a figure, or by the day where items are days', () => {
    const period = { from: '2026-11-01', to: '2026-11-01', group_by: 'tenant' };
    expect(usageParams.parse(period)).toEqual({ ...period, order: 'desc', limit: 25 });
    expect(usageExportParams.safeParse({ ...period, sort: 'day' }).error?.issues).toMatchObject([
      { path: ['sort'], params: { rule: 'needs_days' } },
    ]);
    expect(usageParams.safeParse({ ...period, limit: 101 }).success).toBe(false);
    expect(usageParams.safeParse({ ...period, sort: 'name; drop' }).success).toBe(false);
  });
});

describe('the CSV of usage', () => {
  const named = (name: string): PlatformUsage => ({
    ...{ tenant: { id: 'an-id', slug: 'acme', name, status: 'active' }, model: null, day: null },
    ...figures,
  });

  it('has a header, whole amounts and quoted texts', () => {
    expect(csvOfUsage('tenant', [named('Acme, "the" first')])).toBe(
      'tenant_id,tenant_slug,tenant_name,executions,failed_executions,own_key_executions,input_tokens,output_tokens,' +
        'tokens_charged,cost_micro_usd,revenue_micro_usd,margin_micro_usd\r\n' +
        'an-id,acme,"Acme, ""the"" first",2,1,0,10,5,7,3,2,-1\r\n',
    );
  });

  it.each(['=1+1', '+1', '-1', '@sum', '\tx'])('is no formula for a tenant with the name %j', (name) => {
    expect(csvOfUsage('tenant', [named(name)]).split('\r\n')[1]).toContain(`acme,'${name},2`);
  });

  it.each(['model', 'day'] as const)('names each %s', (group_by) => {
    const item = { ...named('x'), tenant: null, model: 'large', day: '2026-11-01' };
    expect(csvOfUsage(group_by, [item]).split('\r\n')[1]).toMatch(new RegExp(`^${item[group_by]},2,`));
  });
});
