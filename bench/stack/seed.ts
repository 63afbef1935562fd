import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/neon-serverless';
import { ownerPool } from '../../dev/migrate.ts';
import { demoPrices, demoProviders } from '../../dev/seed-data.ts';
import { fingerprintOf, newApiKey } from '../../worker/api-keys/secret.ts';
import { tenantBudgets } from '../../worker/db/schema/budgets.ts';
import { aiModelPrices, aiModels } from '../../worker/db/schema/catalog.ts';
import { levels, tenants } from '../../worker/db/schema/tenancy.ts';
import { apiKeys, users } from '../../worker/db/schema/users.ts';
import { levelTokenPolicies } from '../../worker/db/schema/wallets.ts';
import { benchModels, modelName } from '../models.ts';

/** The tenant of the benchmarks answers here. */
export const BENCH_HOST = 'bench.localhost';

const idOf = (group: number, number: number) =>
  `01900000-0000-7000-9${group.toString().padStart(3, '0')}-${number.toString().padStart(12, '0')}`;

export const TENANT_ID = idOf(0, 1);
const LEVEL_ID = idOf(0, 2);

/** A user of the benchmarks, with a wallet that never runs dry and a key. */
export type BenchUser = { tenant_id: string; id: string; key: string };

/** Adds a tenant with `count` users to a seeded database, and the models that the upstream serves. */
export async function seedBench(ownerUrl: string, gateway: string, count: number): Promise<BenchUser[]> {
  const [provider] = demoProviders;
  const [price] = demoPrices;
  if (price === undefined) throw new Error('The demo has prices');
  const models = benchModels.map((model, index) => ({
    tenant_id: provider.tenant_id,
    id: idOf(1, index),
    provider_id: provider.id,
    public_name: modelName(model),
    provider_model: modelName(model),
    context_window_tokens: 128_000,
    max_output_tokens: 16_000,
  }));
  const people = Array.from({ length: count }, (_, index) => ({
    tenant_id: TENANT_ID,
    id: idOf(2, index),
    key_id: idOf(3, index),
    key: newApiKey(),
  }));
  const pool = ownerPool(ownerUrl, gateway);
  try {
    await drizzle(pool).transaction(async (tx) => {
      await tx.execute(sql`select set_config('app.role', 'operator', true)`);
      await tx
        .insert(tenants)
        .values({ id: TENANT_ID, slug: 'bench', name: 'Bench', primary_color: '#0f766e' });
      await tx
        .update(tenantBudgets)
        .set({ mode: 'monthly', limit_micro_usd: 2 ** 49 })
        .where(eq(tenantBudgets.tenant_id, TENANT_ID));
      await tx
        .insert(levels)
        .values({ tenant_id: TENANT_ID, id: LEVEL_ID, slug: 'all', name: 'All', is_default: true });
      await tx.insert(levelTokenPolicies).values({
        tenant_id: TENANT_ID,
        level_id: LEVEL_ID,
        mode: 'lifetime',
        allocation_tokens: 2 ** 49,
        rollover_cap_tokens: 0,
        enforcement: 'hard',
        warning_thresholds_percent: [80, 95],
        reservation_lifetime_ms: 120_000,
        in_flight_max: 10_000,
      });
      await tx.insert(aiModels).values(models);
      await tx.insert(aiModelPrices).values(models.map(({ id }) => ({ ...price, model_id: id })));
      await tx.insert(users).values(
        people.map(({ tenant_id, id }, index) => ({
          ...{ tenant_id, id, level_id: LEVEL_ID },
          ...{ email: `user-${index}@bench.test`, name: `User ${index}`, password_hash: 'none' },
        })),
      );
      await tx.insert(apiKeys).values(
        people.map(({ tenant_id, id, key_id, key }) => {
          const { hash, prefix } = fingerprintOf(key);
          return {
            ...{ tenant_id, id: key_id, user_id: id, name: 'bench', prefix },
            key_hash: Buffer.from(hash, 'hex'),
            scopes: ['executions:write', 'executions:read', 'models:read', 'wallet:read'],
          };
        }),
      );
    });
  } finally {
    await pool.end();
  }
  return people.map(({ tenant_id, id, key }) => ({ tenant_id, id, key }));
}
