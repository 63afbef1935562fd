import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { add, governAcme, named, PROVIDERS } from '../support/catalog.ts';
import { type Client, registerSomebody, signIn } from '../support/demo.ts';
import { browserForTests, expectAccessible, fitsWidth, originOf } from './browser-session.ts';

const stack = inject('stack');
const { port, simulatorOrigin } = stack;
const HOST = 'acme.localhost';
const { openWith, complaints } = browserForTests();

let acme: Awaited<ReturnType<typeof governAcme>>;
beforeAll(async () => {
  acme = await governAcme(stack);
});

const openAsAdmin = (path: string, options = {}) =>
  openWith(acme.admin, `${originOf('acme')}${path}`, options);
const namesOf = async (client: Client): Promise<string[]> =>
  (await client.get('/api/ai/models')).body.items.map(({ name }: { name: string }) => name);

async function fillPrice(page: Page): Promise<void> {
  for (const figure of ['Input', 'Input read from cache', 'Input written to cache', 'Output']) {
    await page.getByRole('textbox', { name: `${figure}: credits per 1,000` }).fill('1500');
    await page.getByRole('textbox', { name: `${figure}: US dollars per million` }).fill('0.25');
  }
}

it('a model that embeds is added by its kind, priced by its input alone, and not offered in the playground', async () => {
  const provider = await add(acme.admin, PROVIDERS, acme.good());
  const name = named('browser');
  const page = await openAsAdmin('/models');
  await page.getByRole('button', { name: 'Custom model' }).click();
  await page.getByRole('combobox', { name: 'Provider' }).click();
  await page.getByRole('option', { name: provider.name }).click();
  await page.getByRole('combobox', { name: 'Kind' }).click();
  await page.getByRole('option', { name: 'Embeddings' }).click();
  await page.getByText('Requests come by /v1/embeddings.', { exact: false }).waitFor();
  await page.getByRole('textbox', { name: 'Model ID at the provider' }).fill('text-embedding-3-small');
  await page.getByLabel('Public name').fill(name);
  await page.getByRole('textbox', { name: 'Context window' }).fill('8192');
  expect(await page.getByRole('textbox', { name: 'Max output' }).count()).toBe(0);
  await expectAccessible(page, 'new embedding model');
  await page.getByRole('button', { name: 'Add the model' }).click();
  await page.getByRole('dialog', { name: `New price of ${name}` }).waitFor();
  await page.getByRole('textbox', { name: 'Input: credits per 1,000' }).fill('20');
  await page.getByRole('textbox', { name: 'Input: US dollars per million' }).fill('0.02');
  expect(await page.getByRole('textbox', { name: 'Output: credits per 1,000' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Add this version' }).click();
  await page.getByRole('table', { name: 'Prices' }).getByText('Active', { exact: true }).waitFor();
  const user = await registerSomebody(port, HOST);
  await expect.poll(() => namesOf(user)).toContain(name);
  const playground = await openWith(user, `${originOf('acme')}/playground`);
  await playground.getByRole('combobox', { name: 'Model' }).click();
  await playground.getByRole('option', { name: 'auto' }).waitFor();
  expect(await playground.getByRole('option', { name }).count()).toBe(0);
  expect(complaints()).toEqual([]);
});

describe('Admins can', () => {
  it('bring a provider: what is wrong is said at its field, and how a test call went before anything is saved', async () => {
    const name = named('Browser');
    const page = await openAsAdmin('/providers');
    await page.getByRole('button', { name: 'New provider' }).first().click();
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Enter the key: visible characters, without spaces').waitFor();
    await page.getByRole('textbox', { name: 'Key', exact: true }).fill('sk-acme-own-1');
    const baseUrl = page.getByRole('textbox', { name: 'Base URL' });
    await baseUrl.fill('http://192.168.0.1/v1');
    await page.getByRole('button', { name: 'Test the key' }).click();
    await page.getByText('Must begin with https://').waitFor();
    await baseUrl.fill(`${simulatorOrigin}/nowhere`);
    await page.getByRole('button', { name: 'Test the key' }).click();
    await page.getByText('The provider knows no such address or model', { exact: false }).waitFor();
    await expectAccessible(page, 'failed test');
    await baseUrl.fill(`${simulatorOrigin}/openai/v1`);
    expect(await page.getByText('The provider knows no such address').count()).toBe(0);
    await page.getByRole('button', { name: 'Test the key' }).click();
    await page.getByText(/^Models: simulated-/).waitFor();
    await page.getByRole('button', { name: 'Test and save' }).click();
    await page.getByRole('table').getByText(name).waitFor();

    await page.getByRole('button', { name: `Actions for ${name}` }).click();
    await page.getByRole('menuitem', { name: 'Disable' }).click();
    await page.getByRole('button', { name: 'Disable', exact: true }).click();
    await page.getByRole('row', { name }).getByText('Disabled').waitFor();
    await page.getByRole('button', { name: `Actions for ${name}` }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect.poll(() => page.getByRole('row', { name }).count()).toBe(0);
  });

  it('begin with a preset, and set how a provider is called', async () => {
    const name = named('Browser');
    const page = await openAsAdmin('/providers');
    await page.getByRole('button', { name: 'New provider' }).first().click();
    await page.getByRole('combobox', { name: 'Preset' }).selectOption({ label: 'Mistral' });
    const baseUrl = page.getByRole('textbox', { name: 'Base URL' });
    expect(await baseUrl.inputValue()).toBe('https://api.mistral.ai/v1');
    await baseUrl.fill(`${simulatorOrigin}/openai/v1`);
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
    await page.getByRole('textbox', { name: 'Key', exact: true }).fill('sk-acme-own-1');
    await page.getByRole('textbox', { name: 'Model for the test' }).fill('any-model');
    await page.getByRole('button', { name: 'Advanced' }).click();
    await page.getByRole('textbox', { name: 'Extra headers' }).fill('Cookie: mine');
    await page.getByRole('button', { name: 'Test and save' }).click();
    await page.getByText('Enter one header a line', { exact: false }).waitFor();
    await page.getByRole('textbox', { name: 'Extra headers' }).fill('X-Title: Acme');
    await expectAccessible(page, 'settings of a provider');
    await page.getByRole('button', { name: 'Test the key' }).click();
    await page.getByText('It streams.', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Test and save' }).click();
    await page.getByRole('table').getByText(name).waitFor();

    await page.getByRole('button', { name: `Actions for ${name}` }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await page.getByRole('button', { name: 'Advanced' }).click();
    const headers = page.getByRole('textbox', { name: 'Extra headers' });
    expect(await headers.inputValue()).toBe('X-Title: [hidden]');
    expect(await page.getByRole('switch', { name: 'Ask for the usage of streams' }).isChecked()).toBe(false);
  });

  it('pick several models of the catalog, see the margin before saving, and users have them at once', async () => {
    const provider = await add(acme.admin, PROVIDERS, acme.good());
    const user = await registerSomebody(port, HOST);
    const page = await openAsAdmin(`/models?add=${provider.id}`);
    const drawer = page.getByRole('dialog', { name: 'Add models' });
    await drawer.getByRole('button', { name: 'Add the model' }).click();
    await drawer.getByText('Choose at least one model', { exact: false }).waitFor();
    await drawer.getByRole('searchbox', { name: 'Search models' }).fill('luna');
    expect(await drawer.getByRole('checkbox').count()).toBe(1);
    await drawer.getByRole('checkbox', { name: 'gpt-6-luna' }).check();
    await drawer.getByRole('searchbox', { name: 'Search models' }).fill('');
    await drawer.getByRole('checkbox', { name: 'gpt-6.1-terra' }).check();
    await drawer.getByRole('textbox', { name: 'Markup on the list price' }).fill('100');
    await drawer.getByText('50%', { exact: true }).first().waitFor();
    await expectAccessible(page, 'models of the catalog');
    await drawer.getByRole('button', { name: 'Add 2 models' }).click();
    await page.getByText('2 models are available.').waitFor();
    await page.getByRole('article', { name: 'gpt-6-luna' }).getByText('200 credits in, 1,000 out').waitFor();
    await expect.poll(() => namesOf(user)).toEqual(expect.arrayContaining(['gpt-6-luna', 'gpt-6.1-terra']));
    expect(complaints()).toEqual([]);
  });

  it('add a model and price it, now and for later; users have it at once, until it is disabled', async () => {
    const provider = await add(acme.admin, PROVIDERS, acme.good());
    const user = await registerSomebody(port, HOST);
    const name = named('browser');
    const page = await openAsAdmin('/models');
    await page.getByRole('button', { name: 'Custom model' }).click();
    await page.getByRole('combobox', { name: 'Provider' }).click();
    await page.getByRole('option', { name: provider.name }).click();
    await page.getByRole('textbox', { name: 'Model ID at the provider' }).fill('gpt-own');
    await page.getByLabel('Public name').fill(name);
    await page.getByRole('textbox', { name: 'Context window' }).fill('8000');
    await page.getByRole('textbox', { name: 'Max output' }).fill('9000');
    await page.getByRole('button', { name: 'Add the model' }).click();
    await page.getByText('no more than the context window', { exact: false }).waitFor();
    await page.getByRole('textbox', { name: 'Max output' }).fill('1000');
    await page.getByRole('button', { name: 'Add the model' }).click();

    await page.getByRole('dialog', { name: `New price of ${name}` }).waitFor();
    await page.getByRole('button', { name: 'Add this version' }).click();
    await page.getByText('Enter a whole number, 0 or more').first().waitFor();
    expect(await namesOf(user), 'unpriced').not.toContain(name);
    await fillPrice(page);
    await page.getByRole('button', { name: 'Add this version' }).click();
    const prices = page.getByRole('table', { name: 'Prices' });
    await prices.getByText('Active', { exact: true }).waitFor();
    await expect.poll(() => namesOf(user)).toContain(name);
    await page.getByRole('button', { name: 'New price' }).click();
    await page.getByText('Later').click();
    await page.getByLabel('From', { exact: true }).fill('2099-01-01T08:00');
    await page.getByRole('button', { name: 'Images, audio and long caching' }).click();
    await page.getByRole('textbox', { name: 'Images in the output: credits per 1,000' }).fill('9000');
    await expectAccessible(page, 'rates of images');
    await page.getByRole('button', { name: 'Add this version' }).click();
    await prices.getByText('Scheduled').waitFor();
    await prices.getByText('images: 9,000').waitFor();
    await expectAccessible(page, 'model');

    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Disable' }).click();
    await page.getByRole('button', { name: 'Disable', exact: true }).click();
    await page.getByText('Disabled').waitFor();
    await expect.poll(() => namesOf(user)).not.toContain(name);
    expect(complaints()).toEqual([]);
  });

  it('give a model further names and choose the order of its providers; a name that is taken is said at the field', async () => {
    const [{ model }, { model: other }] = [await acme.addModel(), await acme.addModel()];
    const alias = named('alias');
    const page = await openAsAdmin('/models');
    await page.getByRole('searchbox').fill(model.public_name);
    await page.getByRole('button', { name: `Aliases and order of ${model.public_name}` }).click();
    const drawer = page.getByRole('dialog', { name: model.public_name });
    const aliases = drawer.getByRole('combobox', { name: 'Aliases' });
    await aliases.fill(other.public_name);
    await aliases.press('Enter');
    await drawer.getByRole('combobox', { name: 'Order of the models' }).selectOption('weighted');
    await drawer.getByRole('switch', { name: 'Keep a conversation at its provider' }).click();
    await drawer.getByRole('button', { name: 'Save' }).click();
    await drawer.getByText('An alias is the name of a model', { exact: false }).waitFor();
    await expectAccessible(page, 'aliases of a model');
    await aliases.press('Backspace');
    await aliases.fill(alias);
    await aliases.press('Enter');
    await drawer.getByRole('button', { name: 'Save' }).click();
    await page
      .getByRole('article', { name: model.public_name })
      .getByText(`Also ${alias}`, { exact: false })
      .waitFor();
    const { items } = (await acme.admin.get('/api/admin/model-names')).body;
    expect(items.find(({ name }: { name: string }) => name === model.public_name)).toMatchObject({
      ...{ aliases: [alias], strategy: 'weighted', keeps_provider: true },
    });
    // A refusal is a failed request, which the browser reports.
    expect(complaints().filter((complaint) => !/409/.test(complaint))).toEqual([]);
  });

  it('look at the platform’s models without changing them: only what their users pay is theirs', async () => {
    const page = await openAsAdmin('/models', { viewport: { width: 390, height: 844 } });
    await page.getByRole('searchbox').fill('claude-haiku');
    const article = page.getByRole('article', { name: 'claude-haiku-4-5' });
    await article.waitFor();
    expect(await fitsWidth(page)).toBe(true);
    await article.getByRole('link', { name: 'claude-haiku-4-5' }).click();
    await page.getByText('The platform’s model').waitFor();
    await page.getByRole('button', { name: 'New price' }).waitFor();
    expect(await page.getByRole('button', { name: /^(Edit|More actions)$/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'New price' }).click();
    const drawer = page.getByRole('dialog', { name: 'New price of claude-haiku-4-5' });
    await drawer.getByRole('textbox', { name: 'Output: credits per 1,000', exact: true }).waitFor();
    await drawer.getByText('$5.00').waitFor();
    expect(await drawer.getByRole('textbox', { name: /dollars/ }).count()).toBe(0);
    await expectAccessible(page, 'price of the platform’s model');
    await drawer.getByRole('button', { name: 'Cancel' }).click();
    expect(await fitsWidth(page)).toBe(true);
    expect(complaints()).toEqual([]);
  });

  it('say which models a level’s people may call, and take it back', async () => {
    const user = await registerSomebody(port, HOST);
    const page = await openAsAdmin('/levels');
    const choose = page.getByRole('button', { name: 'Choose the models of Free' });
    await choose.click();
    await page.getByRole('radio', { name: 'Selected models' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Choose at least one model').waitFor();
    await page.getByRole('combobox', { name: 'Models' }).click();
    await page.getByRole('option', { name: 'gpt-5.4-mini' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The models of Free are changed').waitFor();
    await expect.poll(() => namesOf(user)).toEqual(['gpt-5.4-mini']);
    await choose.click();
    await page.getByRole('radio', { name: 'All models' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => namesOf(user)).toContain('auto');
    expect(complaints()).toEqual([]);
  });

  it('decide whether prompts and answers are kept, and are asked first', async () => {
    const user = await registerSomebody(port, HOST);
    const settings = async () => (await user.get('/api/tenant/settings')).body.stores_contents;
    const page = await openAsAdmin('/settings');
    await page.getByRole('switch', { name: 'Keep prompts and answers' }).click();
    await expectAccessible(page, 'settings');
    expect(await settings(), 'not before it is confirmed').toBe(false);
    await page.getByRole('button', { name: 'Turn on' }).click();
    await expect.poll(settings).toBe(true);
    await page.getByRole('switch', { name: 'Keep prompts and answers' }).click();
    await page.getByRole('button', { name: 'Turn off' }).click();
    await expect.poll(settings).toBe(false);
    expect(complaints()).toEqual([]);
  });

  it('give an email address for support, which users see in their menu and before they sign in', async () => {
    const page = await openAsAdmin('/settings', { viewport: { width: 390, height: 844 } });
    const email = page.getByRole('textbox', { name: 'Support email' });
    await email.fill('help');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Invalid email address').waitFor();
    await expectAccessible(page, 'support email');
    expect(await fitsWidth(page)).toBe(true);
    await email.fill('help@acme.test');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('“Support” is changed.').waitFor();

    const user = await registerSomebody(port, HOST);
    const theirs = await openWith(user, originOf('acme'));
    await theirs.getByRole('button', { name: 'Account' }).click();
    const inMenu = theirs.getByRole('menuitem', { name: 'Contact support' });
    expect(await inMenu.getAttribute('href')).toBe('mailto:help@acme.test');
    await theirs.getByRole('menuitem', { name: 'Sign out' }).click();
    const atSignIn = theirs.getByRole('link', { name: 'Contact support' });
    expect(await atSignIn.getAttribute('href')).toBe('mailto:help@acme.test');

    await email.fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect
      .poll(async () => (await acme.admin.get('/api/tenant/settings')).body.support_email)
      .toBeNull();
    expect(complaints()).toEqual([]);
  });
});

describe('The catalog', () => {
  it('is closed to ordinary users', async () => {
    const user = await registerSomebody(port, HOST);
    const page = await openWith(user, `${originOf('acme')}/providers`);
    await page.getByRole('heading', { name: 'This page is for admins' }).waitFor();
    expect(await page.getByRole('link', { name: /^(Providers|Models|Settings)$/ }).count()).toBe(0);
    expect(complaints()).toEqual([]);
  });

  it('of the platform is governed by superadmins, and says so where there is no such model', async () => {
    const superadmin = await signIn(port, 'localhost', 'super@vanilla.test');
    const page = await openWith(superadmin, `http://localhost:${port}/providers`);
    await page.getByText('Providers for every tenant, tried from top to bottom.').waitFor();
    await page.getByRole('link', { name: /models at OpenAI/ }).click();
    await page.getByRole('article', { name: 'gpt-5.4-mini' }).waitFor();
    await page.getByRole('button', { name: 'Custom model' }).waitFor();
    expect(complaints()).toEqual([]);
    await page.goto(`http://localhost:${port}/models/${crypto.randomUUID()}`);
    await page.getByRole('heading', { name: 'Model not found' }).waitFor();
  });
});
