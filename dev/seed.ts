import { inArray, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/neon-serverless';
import { tenantBudgets } from '../worker/db/schema/budgets.ts';
import { aiModelPrices, aiModels, aiProviders } from '../worker/db/schema/catalog.ts';
import { levels, tenants } from '../worker/db/schema/tenancy.ts';
import { users } from '../worker/db/schema/users.ts';
import { levelTokenPolicies } from '../worker/db/schema/wallets.ts';
import { hashPassword } from '../worker/identity/password.ts';
import { secretRing } from '../worker/runtime/secret-ring.ts';
import { ownerPool } from './migrate.ts';
import {
  DEMO_PASSWORD,
  demoLevels,
  demoModels,
  demoPrices,
  demoProviders,
  demoTenants,
  demoUsers,
} from './seed-data.ts';

/** The policy fields that all demo levels share: a hard limit on tokens granted once. */
const demoPolicy: Partial<typeof levelTokenPolicies.$inferInsert> = {
  mode: 'lifetime',
  rollover_cap_tokens: 0,
  enforcement: 'hard',
  warning_thresholds_percent: [80, 95],
  reservation_lifetime_ms: 120_000,
  in_flight_max: 1_000,
};

/** The budget of each demo tenant: 1,000 USD a month. */
const demoBudget = {
  mode: 'monthly',
  enforcement: 'hard',
  limit_micro_usd: 1_000_000_000,
} as const satisfies Partial<typeof tenantBudgets.$inferInsert>;

export type SeedOptions = {
  ownerUrl: string;
  /** host:port of the local stack's gateway; null connects to Neon. */
  gateway: string | null;
  /** The Worker's PASSWORD_PEPPER. Demo users can sign in only if it is the same. */
  pepper: string;
};

/** Inserts the demo data in one transaction. Existing rows are kept unchanged. */
export async function seed({ ownerUrl, gateway, pepper }: SeedOptions): Promise<void> {
  const password_hash = await hashPassword(secretRing.parse(pepper), DEMO_PASSWORD);
  const pool = ownerPool(ownerUrl, gateway);
  try {
    await drizzle(pool).transaction(async (tx) => {
      // Row security applies to the owner too, and admits the operator role.
      await tx.execute(sql`select set_config('app.role', 'operator', true)`);
      const added = await tx
        .insert(tenants)
        .values(demoTenants)
        .onConflictDoNothing()
        .returning({ id: tenants.id });
      await tx
        .update(tenantBudgets)
        .set(demoBudget)
        .where(
          inArray(
            tenantBudgets.tenant_id,
            added.map(({ id }) => id),
          ),
        );
      await tx
        .insert(levels)
        .values(demoLevels.map(({ allocation_tokens: _, ...level }) => level))
        .onConflictDoNothing();
      await tx
        .insert(levelTokenPolicies)
        .values(
          demoLevels.map(({ tenant_id, id, allocation_tokens }) => ({
            ...demoPolicy,
            tenant_id,
            level_id: id,
            allocation_tokens,
          })),
        )
        .onConflictDoNothing();
      await tx
        .insert(users)
        .values(demoUsers.map((user) => ({ ...user, password_hash })))
        .onConflictDoNothing();
      await tx
        .insert(aiProviders)
        .values([...demoProviders])
        .onConflictDoNothing();
      await tx.insert(aiModels).values(demoModels).onConflictDoNothing();
      await tx.insert(aiModelPrices).values(demoPrices).onConflictDoNothing();
    });
  } finally {
    await pool.end();
  }
}
