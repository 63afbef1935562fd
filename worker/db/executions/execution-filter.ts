import { and, eq, gte, lt, type SQL, sql } from 'drizzle-orm';
import type { ExecutionFilter } from '../../../contracts/api/execution-filter.ts';
import { DAY_MS } from '../../../contracts/days.ts';
import type { ManagementCaller, Principal } from '../context.ts';
import { aiExecutions } from '../schema/executions.ts';
import { apiKeys } from '../schema/users.ts';

/** The conditions by which lists of executions are read, so that an index finds them in order. */

export type ExecutionReader = Principal | ManagementCaller;

const seesWholeTenant = sql`(select app.role()) in ('admin', 'superadmin', 'management_key')`;

/** Returns the least UUIDv7 of a time: its first 48 bits are the milliseconds since 1970. Pure. */
export function leastIdAt(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** Returns the conditions of a filter but for its user. A period is a range of ids, so the index that orders the list holds it. */
const filtersOf = ({
  from,
  to,
  model,
  provider_id,
  status,
  api_key_id,
}: ExecutionFilter): (SQL | undefined)[] => [
  from === undefined ? undefined : gte(aiExecutions.id, leastIdAt(Date.parse(from))),
  to === undefined ? undefined : lt(aiExecutions.id, leastIdAt(Date.parse(to) + DAY_MS)),
  model === undefined ? undefined : eq(aiExecutions.model, model),
  status === undefined ? undefined : eq(aiExecutions.status, status),
  api_key_id === undefined ? undefined : eq(aiExecutions.api_key_id, api_key_id),
  // The provider that was called last, as in usage.
  provider_id === undefined
    ? undefined
    : sql`${aiExecutions.attempts} -> -1 ->> 'provider_id' = ${provider_id}`,
];

/** Whose executions a filter lets through. Those of a key are found among those of its owner; management keys cannot read owners. */
function whoseOf(reader: ExecutionReader, { user_id, api_key_id }: ExecutionFilter): SQL | undefined {
  if (user_id !== undefined) return eq(aiExecutions.user_id, user_id);
  if (api_key_id === undefined || 'managementKeyHash' in reader) return undefined;
  return sql`${aiExecutions.user_id} = (select ${apiKeys.user_id} from ${apiKeys}
    where ${apiKeys.tenant_id} = ${reader.tenantId} and ${apiKeys.id} = ${api_key_id})`;
}

/**
 * Returns the conditions of the statements that together find the executions of a filter which the caller may see: users' own,
 * admins' and management keys' those of the tenant. A user's own are found by the index on the user; with row security as the only
 * filter the scan would read everybody's. Pure.
 */
export function executionConditions(reader: ExecutionReader, filter: ExecutionFilter): SQL[] {
  const { tenantId } = reader;
  const ofFilter = (whose: SQL | undefined): SQL =>
    and(eq(aiExecutions.tenant_id, tenantId), whose, ...filtersOf(filter)) ?? sql`true`;
  const whose = whoseOf(reader, filter);
  if (whose !== undefined) return [ofFilter(whose)];
  const ofTenant = ofFilter(seesWholeTenant);
  if ('managementKeyHash' in reader) return [ofTenant];
  return [ofTenant, ofFilter(and(sql`not ${seesWholeTenant}`, eq(aiExecutions.user_id, reader.userId)))];
}
