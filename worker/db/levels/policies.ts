import { and, eq, or, type SQL, sql } from 'drizzle-orm';
import {
  type TokenPolicy,
  type TokenPolicyOverride,
  tokenPolicy,
} from '../../../contracts/api/tenant/policies.ts';
import { fieldNames, mapFields, pickFields } from '../../../contracts/fields.ts';
import { columnsJson } from '../audit.ts';
import { auditLog, users } from '../schema/users.ts';
import { levelTokenPolicies, userTokenPolicies } from '../schema/wallets.ts';

/** Token policies in SQL. Every list of fields here is derived from the contract, and the compiler checks it against the tables. */

const names = fieldNames(tokenPolicy);
const joined = (parts: SQL[]) => sql.join(parts, sql`, `);

/** The fields of a level's policy, as columns. */
export const levelPolicyColumns = pickFields(tokenPolicy, levelTokenPolicies);

/** The fields of a user's override, as columns. */
export const overrideColumns = pickFields(tokenPolicy, userTokenPolicies);

/** The column names of a policy. */
export const policyColumnNames = joined(names.map((name) => sql`${sql.identifier(name)}`));

/** The same columns of the row that an `on conflict` clause found. */
export const excludedPolicyColumns = joined(names.map((name) => sql`excluded.${sql.identifier(name)}`));

/** The policy of a level as jsonb. */
export const levelPolicyJson = columnsJson(levelPolicyColumns);

/** The override of a user as jsonb. Every field is null when an outer join found none. */
export const overrideJson = columnsJson(overrideColumns);

/** A policy as a jsonb parameter. */
export const policyParameter = (policy: TokenPolicyOverride): SQL => sql`${JSON.stringify(policy)}::jsonb`;

/** The names of the fields that an audit entry of this transaction changed, as text[]. */
export const fieldsChangedBy = (auditId: string): SQL =>
  sql`array(select changed.key from ${auditLog}, jsonb_each(${auditLog.details} -> 'after') changed
    where ${auditLog.tenant_id} = app.tenant_id() and ${auditLog.id} = ${auditId}
      and ${auditLog.details} -> 'before' -> changed.key is distinct from changed.value)`;

/** Joins a user to their override. */
export const overrideOfUser = and(
  eq(userTokenPolicies.tenant_id, users.tenant_id),
  eq(userTokenPolicies.user_id, users.id),
);

/** Users who inherit at least one of `fields`, a text[], from their level. A change of other fields does not affect them. */
export const inheritsAnyOf = (fields: SQL): SQL | undefined =>
  or(...names.map((name) => sql`(${overrideColumns[name]} is null and ${name} = any (${fields}))`));

/** An override that inherits every field. */
export const NO_OVERRIDE: TokenPolicyOverride = mapFields<Record<keyof TokenPolicy, null>>(names, () => null);

/** Lays a user's override over the level's policy, field by field; null inherits. Throws when the level lacks a field. */
export const effectivePolicy = (level: TokenPolicyOverride, override: TokenPolicyOverride): TokenPolicy =>
  mapFields<TokenPolicy>(names, <Name extends keyof TokenPolicy>(name: Name) => {
    const value = override[name] ?? level[name];
    if (value === null) throw new Error(`The level's policy lacks ${name}`);
    return value as TokenPolicy[Name];
  });
