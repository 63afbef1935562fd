import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { drizzle } from 'drizzle-orm/neon-serverless';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { walletRatesOf } from '../../contracts/catalog/markup.ts';
import { ownerPool } from '../../dev/migrate.ts';
import { asOperator, readCatalog, readNow } from '../../dev/platform/catalog-database.ts';
import { CATALOG_FILE, readCatalogFile } from '../../dev/platform/catalog-file.ts';
import { isEmptyPlan, planCatalog } from '../../dev/platform/catalog-plan.ts';
import { type FirstSuperadmin, type OpenOptions, openPlatform } from '../../dev/platform/open-platform.ts';
import { loadCaller, loadTenant } from '../../worker/db/load-snapshots.ts';
import { findInvitation, saveAcceptance } from '../../worker/db/users/invitations.ts';
import { findLogin, getMe } from '../../worker/db/users/users.ts';
import { hashPassword, verifyPassword } from '../../worker/identity/password.ts';
import { secretRing } from '../../worker/runtime/secret-ring.ts';
import { invitationHash } from '../../worker/tenants/invitation-link.ts';
import { makeThrowawayFolder } from '../support/throwaway.ts';
import { connectAsWorker, startTestDatabase } from './database.ts';
import { claimsOf, got } from './governed-world.ts';
import { PLATFORM_ID } from './world.ts';

const script = (name: string) => fileURLToPath(new URL(`../../dev/platform/${name}.ts`, import.meta.url));
const database = await startTestDatabase();
const { owner, gateway, ownerUrl } = database;
const worker = connectAsWorker(database);
afterAll(() => database.stop());

async function run(name: string, args: string[], env = { DATABASE_OWNER_URL: ownerUrl }) {
  const all = ['--gateway', `127.0.0.1:${gateway.port}`, ...args];
  return promisify(execFile)(process.execPath, [script(name), ...all], {
    env: { ...process.env, ...env },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}
const ORIGIN = 'https://app.example.com';
const bootstrap = (...args: string[]) => run('bootstrap', ['--origin', ORIGIN, ...args]);

const tables = [
  'invitations',
  'users',
  'levels',
  'level_token_policies',
  'ai_providers',
  'ai_models',
  'ai_model_prices',
];
async function everything() {
  const rows = [];
  for (const table of tables) rows.push((await owner.query(`select * from ${table} order by 1, 2`)).rows);
  return rows;
}

const linkIn = (text: string) => /https:\/\/app\.example\.com\/invitation#(vsi_\S+)/.exec(text)?.[1] ?? '';

const pool = ownerPool(ownerUrl, `127.0.0.1:${gateway.port}`);
const pools = [pool, ownerPool(ownerUrl, `127.0.0.1:${gateway.port}`)];
afterAll(() => Promise.all(pools.map((one) => one.end())));
const catalog = await readCatalogFile(CATALOG_FILE);

/** Does what the command does, without a process of its own. */
const openAs = async (options: Partial<OpenOptions>, by = pool) =>
  (await openPlatform(drizzle(by), catalog, { email: null, origin: ORIGIN, newLink: false, ...options }))
    .superadmin;
const tokenOf = (superadmin: FirstSuperadmin) =>
  superadmin.state === 'new_link' ? linkIn(superadmin.link) : '';
const pepper = 'a-pepper-of-at-least-thirty-two-characters';
const PASSWORD = 'four words in a row';

const tokens: string[] = [];

describe('from an empty database', () => {
  it('a wrong call says what is wrong and writes nothing', async () => {
    const before = await everything();
    const wrong = [
      bootstrap('--email', 'nobody'),
      bootstrap('--colour'),
      run('bootstrap', [], { DATABASE_OWNER_URL: '' }),
    ];
    const answers = await Promise.all(wrong);
    expect(answers.map(({ code }) => code)).toEqual([2, 2, 2]);
    for (const [index, name] of ['--email', '--colour', 'DATABASE_OWNER_URL'].entries())
      expect(answers[index]?.stderr).toContain(name);
    expect(await everything()).toEqual(before);
  });

  it('bootstrap makes a catalog, a level with tokens and a link; without an address it asks for one', async () => {
    expect(await openAs({})).toEqual({ state: 'email_missing' });
    const first = await bootstrap('--email', ' Owner@Example.com ');
    expect(first.code).toBe(0);
    tokens.push(linkIn(first.stdout));
    expect(await findInvitation(worker, PLATFORM_ID, invitationHash(tokens[0] ?? ''))).toMatchObject({
      email: 'owner@example.com',
      role: 'superadmin',
    });
  });

  it('a second run changes nothing, says so, and does not show a link again', async () => {
    const before = await everything();
    const again = await bootstrap('--email', 'owner@example.com');
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/as it was[\s\S]+has a link until/),
    });
    expect(linkIn(again.stdout)).toBe('');
    expect(await everything()).toEqual(before);
  });

  it('two runs at the same moment on an empty catalog do not meet', async () => {
    await owner.query('alter table ai_model_prices disable trigger user');
    for (const table of ['invitations', 'ai_model_prices', 'ai_models', 'ai_providers'])
      await owner.query(`delete from ${table}`);
    await owner.query('alter table ai_model_prices enable trigger user');
    const made = await Promise.all(pools.map((by) => openAs({ email: 'owner@example.com' }, by)));
    expect(made.map(({ state }) => state).sort()).toEqual(['invited', 'new_link']);
    tokens[0] = made.map(tokenOf).join('');
  });

  it('a lost link is replaced on request, and ends', async () => {
    tokens.push(tokenOf(await openAs({ newLink: true })));
    expect(await findInvitation(worker, PLATFORM_ID, invitationHash(tokens[0] ?? ''))).toBeNull();
    expect(await findInvitation(worker, PLATFORM_ID, invitationHash(tokens[1] ?? ''))).toMatchObject({
      email: 'owner@example.com',
    });
  });

  it('whoever opens the link signs in as superadmin, with tokens to try a model', async () => {
    const accepted = got(
      await saveAcceptance(worker, {
        tenant_id: PLATFORM_ID,
        token_hash: invitationHash(tokens[1] ?? ''),
        user_id: uuidv7(),
        name: null,
        password_hash: await hashPassword(secretRing.parse(pepper), PASSWORD),
        request_id: 'accept',
      }),
    );
    const login = await findLogin(worker, PLATFORM_ID, 'owner@example.com');
    expect(await verifyPassword(secretRing.parse(pepper), PASSWORD, login?.password_hash ?? null)).toBe(true);
    const claims = claimsOf({ tenant_id: PLATFORM_ID, user_id: accepted.id });
    expect(got(await getMe(worker, claims))).toMatchObject({ role: 'superadmin' });
    expect(got(await loadCaller(worker, claims)).policy.allocation_tokens).toBeGreaterThan(0);
  });

  it('once there is a superadmin, no run makes another link', async () => {
    const before = await everything();
    const late = await openAs({ email: 'intruder@example.com', newLink: true });
    expect(late).toEqual({ state: 'signed_up', email: 'owner@example.com' });
    expect(await everything()).toEqual(before);
  });
});

describe('the catalog', () => {
  it('is not offered until its providers are enabled, and then is priced as the file says', async () => {
    expect((await loadTenant(worker, { slug: 'platform' }, null)).tenant?.candidates).toEqual([]);
    await owner.query('update ai_providers set enabled = true');
    const candidates = (await loadTenant(worker, { slug: 'platform' }, null)).tenant?.candidates ?? [];
    const named = catalog.providers.flatMap(({ models }) =>
      models.flatMap(({ public_names }) => public_names),
    );
    expect(candidates.map(({ public_name }) => public_name).sort()).toEqual(named.sort());
    expect(candidates.filter(({ price }) => price === null)).toEqual([]);
    const auto = candidates.filter(({ public_name }) => public_name === 'auto');
    expect(auto.map(({ provider }) => provider.kind)).toEqual(['openai', 'anthropic', 'google']);
    const sol = catalog.providers[0]?.models.find(({ provider_model }) => provider_model === 'gpt-6.2-sol');
    const cost = sol?.prices[0]?.micro_usd_per_million;
    if (cost === undefined) throw new Error('the file prices it');
    expect(candidates.find(({ public_name }) => public_name === 'gpt-6.2-sol')?.price).toMatchObject({
      version: 1,
      micro_usd_per_million: cost,
      wallet_tokens_per_1000: walletRatesOf(cost, catalog.wallet_tokens_per_usd),
    });
  });

  it('has the prices that providers have announced, from their moment on', async () => {
    const announced = catalog.providers.flatMap(({ models }) =>
      models.flatMap(({ public_names, prices }) =>
        public_names.flatMap(() => prices.flatMap(({ effective_from }) => effective_from ?? [])),
      ),
    );
    const later = announced.filter((moment) => moment > new Date().toISOString());
    const { rows } = await owner.query('select from ai_model_prices where effective_from > now()');
    expect(rows).toHaveLength(later.length);
  });

  it('is brought up to a newer file on request: shown first, written with --apply as new versions, and then up to date', async () => {
    const update = (...args: string[]) => run('update-catalog', ['--file', newer, ...args]);
    const newer = path.join(await makeThrowawayFolder('catalog'), 'models.json');
    const file = JSON.parse(await readFile(CATALOG_FILE, 'utf8'));
    expect(await run('update-catalog', [])).toMatchObject({
      code: 0,
      stdout: 'The catalog is up to date.\n',
    });

    file.providers[0].models[0].prices[0].micro_usd_per_million.input = 7_000_000;
    await writeFile(newer, JSON.stringify(file));
    const before = await everything();
    expect((await update()).stdout).toMatch(
      /~ gpt-6\.2-astra\n {2}- \$8 in.*\n {2}\+ \$7 in.*[\s\S]*Nothing was written/,
    );
    expect(await everything()).toEqual(before);

    expect(await update('--apply')).toMatchObject({ code: 0, stdout: expect.stringContaining('Written.') });
    const { tenant } = await loadTenant(worker, { slug: 'platform' }, null);
    expect(
      tenant?.candidates.find(({ public_name }) => public_name === 'gpt-6.2-astra')?.price,
    ).toMatchObject({
      version: 2,
      micro_usd_per_million: { input: 7_000_000 },
      wallet_tokens_per_1000: { input: 7_000 },
    });
    const wanted = await readCatalogFile(newer);
    const plan = await asOperator(drizzle(pool), async (tx) =>
      planCatalog(wanted, await readCatalog(tx), await readNow(tx)),
    );
    expect(isEmptyPlan(plan)).toBe(true);
  });
});
