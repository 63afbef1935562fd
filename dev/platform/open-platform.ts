import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import type { NeonDatabase } from 'drizzle-orm/neon-serverless';
import { v7 as uuidv7 } from 'uuid';
import type { CatalogFile } from '../../contracts/catalog/catalog-file.ts';
import { aiModels } from '../../worker/db/schema/catalog.ts';
import { invitations } from '../../worker/db/schema/invitations.ts';
import { levels } from '../../worker/db/schema/tenancy.ts';
import { users } from '../../worker/db/schema/users.ts';
import { levelTokenPolicies } from '../../worker/db/schema/wallets.ts';
import {
  INVITATION_LIFETIME_DAYS,
  invitationLink,
  newInvitationToken,
} from '../../worker/tenants/invitation-link.ts';
import {
  applyPlan,
  asOperator,
  PLATFORM_ID,
  readCatalog,
  readNow,
  type Transaction,
} from './catalog-database.ts';
import { planCatalog } from './catalog-plan.ts';

/** Opens a migrated, empty database for business: a default level, a priced catalog, and a link for the first superadmin. */

/** The tokens with which whoever runs the platform can try its models: a dollar's worth at list prices. */
const OPERATORS_ALLOCATION_TOKENS = 1_000_000;

export type OpenOptions = {
  /** The address of the first superadmin; null if none was given. */
  email: string | null;
  /** The origin of the platform's web app. */
  origin: string;
  /** Replaces a link that was never used. */
  newLink: boolean;
};

/** The first superadmin: there is one, there is a link, or there is a new link, shown once. */
export type FirstSuperadmin =
  | { state: 'signed_up'; email: string }
  | { state: 'invited'; email: string; expires_at: string }
  | { state: 'new_link'; email: string; link: string }
  /** Somebody with that address has an account without the role. */
  | { state: 'email_taken'; email: string }
  | { state: 'email_missing' };

export type Opened = {
  level: 'made' | 'there';
  /** The models added; null if the platform had models already. */
  models: number | null;
  superadmin: FirstSuperadmin;
};

/** Gives the platform a default level with a policy, and tokens to whoever runs it before anybody does. */
async function openLevel(tx: Transaction): Promise<Opened['level']> {
  const [level] = await tx
    .select({ id: levels.id })
    .from(levels)
    .where(and(eq(levels.tenant_id, PLATFORM_ID), eq(levels.is_default, true)));
  if (level === undefined) throw new Error('The platform has no default level: run the migrations first');
  const [user] = await tx
    .select({ id: users.id })
    .from(users)
    .where(eq(users.tenant_id, PLATFORM_ID))
    .limit(1);
  if (user !== undefined) return 'there';
  const raised = await tx
    .update(levelTokenPolicies)
    .set({ allocation_tokens: OPERATORS_ALLOCATION_TOKENS })
    .where(
      and(
        eq(levelTokenPolicies.tenant_id, PLATFORM_ID),
        eq(levelTokenPolicies.level_id, level.id),
        eq(levelTokenPolicies.allocation_tokens, 0),
      ),
    )
    .returning({ level_id: levelTokenPolicies.level_id });
  return raised.length === 1 ? 'made' : 'there';
}

/** Fills an empty catalog. One that has models is left to `catalog:update`. */
async function openCatalog(tx: Transaction, file: CatalogFile): Promise<number | null> {
  const [model] = await tx
    .select({ id: aiModels.id })
    .from(aiModels)
    .where(eq(aiModels.tenant_id, PLATFORM_ID))
    .limit(1);
  if (model !== undefined) return null;
  const plan = planCatalog(file, await readCatalog(tx), await readNow(tx));
  await applyPlan(tx, plan);
  return plan.models.length;
}

const isOpenForSuperadmin = and(
  eq(invitations.tenant_id, PLATFORM_ID),
  eq(invitations.role, 'superadmin'),
  isNull(invitations.accepted_at),
  isNull(invitations.revoked_at),
);

async function invite(tx: Transaction, email: string, origin: string): Promise<FirstSuperadmin> {
  const { token, hash } = newInvitationToken();
  await tx.update(invitations).set({ revoked_at: sql`now()` }).where(isOpenForSuperadmin);
  await tx.insert(invitations).values({
    tenant_id: PLATFORM_ID,
    id: uuidv7(),
    email,
    role: 'superadmin',
    token_hash: Buffer.from(hash, 'hex'),
    expires_at: sql`now() + make_interval(days => ${INVITATION_LIFETIME_DAYS})`,
  });
  return { state: 'new_link', email, link: invitationLink(origin, token) };
}

/** Invites the first superadmin, unless there is one or an open link. */
async function openDoor(tx: Transaction, { email, origin, newLink }: OpenOptions): Promise<FirstSuperadmin> {
  const [superadmin] = await tx
    .select({ email: users.email })
    .from(users)
    .where(and(eq(users.tenant_id, PLATFORM_ID), eq(users.role, 'superadmin'), eq(users.status, 'active')))
    .limit(1);
  if (superadmin !== undefined) return { state: 'signed_up', ...superadmin };
  const [open] = await tx
    .select({ email: invitations.email, expires_at: invitations.expires_at })
    .from(invitations)
    .where(and(isOpenForSuperadmin, gt(invitations.expires_at, sql`now()`)))
    .limit(1);
  if (open !== undefined && !newLink) return { state: 'invited', ...open };
  const address = email ?? open?.email;
  if (address === undefined) return { state: 'email_missing' };
  const [account] = await tx
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.tenant_id, PLATFORM_ID), eq(users.email, address)));
  return account === undefined ? invite(tx, address, origin) : { state: 'email_taken', email: address };
}

/** Adds what is missing, in one transaction. Safe to repeat: what is there stays as it is. */
export const openPlatform = (
  database: NeonDatabase,
  file: CatalogFile,
  options: OpenOptions,
): Promise<Opened> =>
  asOperator(database, async (tx) => ({
    level: await openLevel(tx),
    models: await openCatalog(tx, file),
    superadmin: await openDoor(tx, options),
  }));
