import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { asOwner, type Client, signIn } from '../support/demo.ts';
import { manageTenants } from '../support/tenants.ts';
import { browserForTests, expectAccessible, fitsWidth } from './browser-session.ts';

const stack = inject('stack');
const PLATFORM = `http://localhost:${stack.port}`;
const { openWith, complaints } = browserForTests();

let superadmin: Client;
let tenant: { id: string; slug: string };
const MODEL = `model-${crypto.randomUUID().slice(0, 8)}`;
const today = new Date().toISOString().slice(0, 10);

beforeAll(async () => {
  superadmin = await signIn(stack.port, 'localhost', 'super@vanilla.test');
  tenant = (await (await manageTenants(stack.port)).create()).body;
  for (const [day, revenue] of [
    [today, 9_000_000_001],
    [new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10), 5_000_000_000],
  ])
    await asOwner(
      stack.ownerUrl,
      `insert into daily_usage (tenant_id, day, model, provider_id, key_owner, executions, failed_executions, cost_micro_usd, wholesale_micro_usd)
       values ($1, $2, $3, '00000000-0000-0000-0000-000000000000', 'platform', 1000, 10, 4000000000, $4)`,
      [tenant.id, day, MODEL, revenue],
    );
});

describe('A superadmin', () => {
  it('sees figures, a chart and health, changes the period, and exports usage by model', async () => {
    const page = await openWith(superadmin, `${PLATFORM}/overview`);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    const chart = page.getByRole('table', { name: 'Revenue and cost by day' });
    await chart.getByRole('cell', { name: /^\$9,\d{3}/ }).waitFor();
    await page.getByRole('region', { name: 'Failing providers' }).waitFor();
    const row = page
      .getByRole('table', { name: 'Usage by tenant' })
      .getByRole('row')
      .filter({ hasText: 'Made by a test' });
    await row.getByText('$5,000.000001').waitFor();
    await expectAccessible(page, 'overview');
    await page.getByRole('tab', { name: 'By model' }).click();
    await page.getByRole('row').filter({ hasText: MODEL }).getByText('$9,000.000001').waitFor();
    await page.getByText('90 days').click();
    await page.getByRole('row').filter({ hasText: MODEL }).getByText('$14,000.000001').waitFor();
    expect(page.url()).toContain('period=90');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/^usage-by-model-.*\.csv$/);
    expect(await readFile(await file.path(), 'utf8')).toContain(
      `${MODEL},2000,20,0,0,0,0,8000000000,14000000001,6000000001`,
    );
    await page.getByRole('tab', { name: 'By tenant' }).click();
    await row.getByRole('link').click();
    await page.waitForURL(`**/tenants/${tenant.id}`);
    expect(complaints()).toEqual([]);
  });

  it('sees it on a phone in the dark, within its width', async () => {
    const options = { viewport: { width: 390, height: 844 }, colorScheme: 'dark' } as const;
    const page = await openWith(superadmin, `${PLATFORM}/overview?period=7`, options);
    await page.getByText('Made by a test').first().waitFor();
    expect(await fitsWidth(page)).toBe(true);
    await expectAccessible(page, 'overview on a phone');
    expect(complaints()).toEqual([]);
  });
});
