import { readFile } from 'node:fs/promises';
import { describe, expect, inject, it } from 'vitest';
import { type Client, eventually, registerSomebody, signIn } from '../support/demo.ts';
import { browserForTests, expectAccessible, fitsWidth, originOf } from './browser-session.ts';

const { port } = inject('stack');
const { openWith, complaints } = browserForTests();
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark' } as const;

const MODELS = ['gpt-5.4-mini', 'claude-haiku-4-5'] as const;

/** Runs a prompt on each model, and returns the charges once usage has them. */
async function spend(client: Client): Promise<{ charges: number[]; sum: number }> {
  const charges: number[] = [];
  for (const model of MODELS) {
    const { body } = await client.post('/api/ai/executions', { model, prompt: 'What is an edge?' });
    charges.push(body.tokens_charged);
  }
  const today = new Date().toISOString().slice(0, 10);
  const sum = charges.reduce((one, other) => one + other);
  await eventually(
    async () => (await client.get(`/api/usage/summary?from=${today}&to=${today}`)).body.totals,
    ({ wallet_tokens }) => wallet_tokens === sum,
  );
  return { charges, sum };
}

const inWords = (tokens: number) => tokens.toLocaleString('en-US');

describe('Users can', () => {
  it('see what they spent on which model, to the token, and take it along as a file', async () => {
    const client = await registerSomebody(port, 'globex.localhost');
    const { charges, sum } = await spend(client);
    const page = await openWith(client, `${originOf('globex')}/`);
    await page
      .getByRole('region', { name: 'Top models' })
      .getByText(inWords(charges[1] ?? 0))
      .waitFor();
    await page.getByRole('link', { name: 'Top models: all' }).click();
    await page.getByRole('heading', { name: 'Usage', exact: true }).waitFor();
    await page.getByText(inWords(sum)).first().waitFor();
    for (const [at, model] of MODELS.entries()) {
      const row = page
        .getByRole('table', { name: 'Usage by model' })
        .getByRole('row')
        .filter({ hasText: model });
      expect(await row.textContent()).toContain(inWords(charges[at] ?? 0));
    }
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(1 + MODELS.length);
    expect(complaints()).toEqual([]);
  });

  it('narrow it to a model, keep that in the address, and read the chart as a table', async () => {
    const client = await registerSomebody(port, 'globex.localhost');
    const { charges } = await spend(client);
    const page = await openWith(client, `${originOf('globex')}/usage`);
    await page.getByRole('button', { name: MODELS[0] }).click();
    await page.waitForURL('**/usage?*model=gpt-5.4-mini*');
    await page.reload();
    const chart = page.getByRole('table', { name: 'Credits by day' });
    await chart.getByRole('cell', { name: inWords(charges[0] ?? 0), exact: true }).waitFor();
    await page.getByRole('button', { name: 'Remove the filter Model' }).click();
    const sum = inWords((charges[0] ?? 0) + (charges[1] ?? 0));
    await chart.getByRole('cell', { name: sum, exact: true }).waitFor();
    expect(complaints()).toEqual([]);
  });
});

describe('Admins can', () => {
  it('see who spent what and what the platform charges, on a phone in the dark', async () => {
    const client = await registerSomebody(port, 'globex.localhost');
    await spend(client);
    const admin = await signIn(port, 'globex.localhost', 'admin@globex.test');
    const page = await openWith(admin, `${originOf('globex')}/usage?by=user&user_id=${client.userId}`, PHONE);
    await page.getByText('Charged by the platform').first().waitFor();
    await page.getByRole('img').or(page.locator('.recharts-surface')).first().waitFor();
    await expectAccessible(page, 'usage on a phone');
    expect(await fitsWidth(page)).toBe(true);
    expect(complaints()).toEqual([]);
  });
});
