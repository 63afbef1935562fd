import { and, asc, eq, gt, or, type SQL, sql } from 'drizzle-orm';
import type { TokenPolicyOverride } from '../../contracts/api/policies.ts';
import { policyField } from '../../contracts/policy-update.ts';
import type { Database } from './client.ts';
import { auditLog, users } from './schema/users.ts';
import { type levelTokenPolicies, userTokenPolicies } from './schema/wallets.ts';
import { selectUserWithPolicy } from './user-rows.ts';

/** Policies in SQL: as jsonb of the contract's fields, so that what is stored and what is asked for compare as wholes. */

const joined = (parts: SQL[]) => sql.join(parts, sql`, `);

/** The names of a policy's columns, in the order of the contract. */
export const policyColumns = joined(policyField.options.map((name) => sql`${sql.identifier(name)}`));

/** The same columns of the row that an insert found its place taken with. */
export const excludedPolicyColumns = joined(
  policyField.options.map((name) => sql`excluded.${sql.identifier(name)}`),
);

/** The policy of a row. Of a row that an outer join did not find, every field is null. */
export const policyJson = (policies: typeof levelTokenPolicies | typeof userTokenPolicies): SQL =>
  sql`jsonb_build_object(${joined(policyField.options.map((name) => sql`${name}::text, ${policies[name]}`))})`;

/** A policy that was asked for. */
export const policyParameter = (policy: TokenPolicyOverride): SQL => sql`${JSON.stringify(policy)}::jsonb`;

/** The names of the fields that the change behind an audit entry, made in this very transaction, has changed: a text[]. */
export const fieldsChangedBy = (auditId: string): SQL =>
  sql`array(select changed.key from ${auditLog}, jsonb_each(${auditLog.details} -> 'after') changed
    where ${auditLog.tenant_id} = app.tenant_id() and ${auditLog.id} = ${auditId}
      and ${auditLog.details} -> 'before' -> changed.key is distinct from changed.value)`;

/** Joins a user to the policy of their own, where they have one. */
export const overrideOfUser = and(
  eq(userTokenPolicies.tenant_id, users.tenant_id),
  eq(userTokenPolicies.user_id, users.id),
);

/** Users who inherit one of `fields`, a text[], from their level: whoever overrides all of them does not feel the change. */
export const inheritsAnyOf = (fields: SQL): SQL | undefined =>
  or(
    ...policyField.options.map(
      (name) => sql`(${userTokenPolicies[name]} is null and ${name} = any (${fields}))`,
    ),
  );

/** Users of a level who inherit one of `fields`, in the order of their ids: one more than the page, to tell whether it is the last. */
export const selectUsersInheriting = (
  database: Database,
  {
    tenant_id,
    level_id,
    fields,
    after,
  }: { tenant_id: SQL; level_id: string; fields: SQL; after: string | null },
  limit: number,
) =>
  selectUserWithPolicy(
    database,
    and(
      eq(users.tenant_id, tenant_id),
      eq(users.level_id, level_id),
      after === null ? undefined : gt(users.id, after),
      inheritsAnyOf(fields),
    ),
  )
    .orderBy(asc(users.id))
    .limit(limit + 1);
