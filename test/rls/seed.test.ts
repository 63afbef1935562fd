import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../dev/migrate.ts';
import { seed } from '../../dev/seed.ts';
import { DEMO_PASSWORD, demoTenants, demoUsers } from '../../dev/seed-data.ts';
import { loadCaller, loadTenant } from '../../worker/db/load-snapshots.ts';
import { findLogin } from '../../worker/db/users/users.ts';
import { verifyPassword } from '../../worker/identity/password.ts';
import { secretRing } from '../../worker/runtime/secret-ring.ts';
import { connectAsWorker, startTestDatabase } from './database.ts';

const pepper = 'a-pepper-of-at-least-thirty-two-characters';
const database = await startTestDatabase();
const gateway = `127.0.0.1:${database.gateway.port}`;
const worker = connectAsWorker(database);
afterAll(() => database.stop());
beforeAll(() => seed({ ownerUrl: database.ownerUrl, gateway, pepper }));

const countRows = async () =>
  (
    await database.owner.query(
      'select (select count(*) from users) as users, (select count(*) from ai_model_prices) as prices',
    )
  ).rows;

describe('the seed', () => {
  it('and the migrations may run again: what is there stays as it is', async () => {
    await database.owner.query(`update tenants set tagline = 'Changed by hand' where slug = 'acme'`);
    const before = await countRows();
    await migrate(database.ownerUrl, gateway);
    await seed({ ownerUrl: database.ownerUrl, gateway, pepper });
    expect(await countRows()).toEqual(before);
    const { tenant } = await loadTenant(worker, { slug: 'acme' }, null);
    expect(tenant?.branding.tagline).toBe('Changed by hand');
  });

  it('gives each demo tenant 1,000 USD a month', async () => {
    for (const { slug } of demoTenants) {
      const { tenant } = await loadTenant(worker, { slug }, null);
      const policy = { mode: 'monthly', enforcement: 'hard', allocation_tokens: 1_000_000_000 };
      expect(tenant?.budget.policy).toMatchObject(policy);
    }
  });

  it.each([...demoUsers])(
    'lets $email sign in, in their own tenant, with tokens to spend unless they run the platform',
    async (user) => {
      const login = await findLogin(worker, user.tenant_id, user.email);
      expect(
        await verifyPassword(secretRing.parse(pepper), DEMO_PASSWORD, login?.password_hash ?? null),
      ).toBe(true);
      const caller = await loadCaller(worker, { tenantId: user.tenant_id, userId: user.id, iat: 1, exp: 2 });
      const allocation = user.role === 'superadmin' ? 0 : 1_000_000;
      expect(caller.ok && caller.value.policy.allocation_tokens).toBeGreaterThanOrEqual(allocation);
    },
  );

  it.each(demoTenants)(
    'gives $slug its own brand and every model, priced, `auto` from all three providers in order',
    async ({ slug, primary_color }) => {
      const { tenant } = await loadTenant(worker, { slug }, null);
      expect(tenant?.branding.primary_color).toBe(primary_color);
      const candidates = tenant?.candidates ?? [];
      expect(candidates.filter(({ price }) => price === null)).toEqual([]);
      const auto = candidates.filter(({ public_name }) => public_name === 'auto');
      expect(auto.map(({ provider }) => provider.kind)).toEqual(['openai', 'anthropic', 'google']);
      const names = new Set(candidates.map(({ public_name }) => public_name));
      expect([...names].sort()).toEqual([
        'auto',
        'claude-haiku-4-5',
        'gemini-3.5-flash-lite',
        'gemini-embedding-001',
        'gpt-4o-mini-tts',
        'gpt-4o-transcribe',
        'gpt-5.4-mini',
        'gpt-image-2.6-flare',
        'omni-moderation-latest',
        'text-embedding-3-small',
      ]);
    },
  );
});
