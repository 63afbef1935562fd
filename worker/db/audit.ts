import { type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from './client.ts';
import { auditClients } from './schema/audit-clients.ts';
import { auditLog } from './schema/users.ts';

type AuditEntry = {
  /** The id of the entry; a new one if absent. */
  id?: string;
  tenant_id: string;
  actor_user_id: string;
  action: string;
  request_id: string;
  /** The target; the actor's own account if absent. */
  target?: { type: AuditedChange['target_type']; id: string };
  details?: Record<string, unknown>;
};

/** Records an action of a user, by default on their own account. */
export const insertAudit = (
  database: Database,
  { id = uuidv7(), tenant_id, actor_user_id, action, request_id, target, details = {} }: AuditEntry,
) =>
  database.insert(auditLog).values({
    tenant_id,
    id,
    actor_user_id,
    actor_role: sql`app.actor_role()`,
    action,
    target_type: target?.type ?? 'user',
    target_id: target?.id ?? actor_user_id,
    request_id,
    details,
  });

/** Where somebody is: their address and browser, as the request says. */
export type ClientPlace = { address: string; agent: string | null };

/** Records where the actor of an entry is, beside the log, which keeps no personal data. */
export const insertAuditClient = (
  database: Database,
  tenant_id: string,
  entry_id: string,
  { address, agent }: ClientPlace,
) => database.insert(auditClients).values({ tenant_id, entry_id, address, agent });

/** Builds a jsonb object with one key per column. */
export const columnsJson = (columns: Record<string, AnyPgColumn | SQL>): SQL =>
  sql`jsonb_build_object(${sql.join(
    Object.entries(columns).map(([name, column]) => sql`${name}::text, ${column}`),
    sql`, `,
  )})`;

/** The mark of a self-made change, as jsonb: `{"self": true}`, or nothing. */
export const selfMark = (self: SQL): SQL =>
  sql`case when ${self} then '{"self": true}'::jsonb else '{}'::jsonb end`;

export type AuditedChange = {
  /** The id of the entry, or a column of `rows` that has one for each of several rows. */
  id: string | SQL;
  action: string;
  target_type:
    | 'user'
    | 'level'
    | 'api_key'
    | 'ai_provider'
    | 'ai_model'
    | 'model_name'
    | 'tenant'
    | 'invitation'
    | 'domain'
    | 'session'
    | 'management_key'
    | 'sign_in_provider'
    | 'webhook';
  /** Columns of the row that changes. For a superadmin it may belong to another tenant. */
  target: { tenant_id: AnyPgColumn; id: AnyPgColumn };
  /** The changed values as jsonb, before and after. */
  before: SQL;
  after: SQL;
  /** `from ... where ...`: selects the rows that change; several need an id each. */
  rows: SQL;
  /** True for a change of the caller's own account, which the entry is marked with. */
  self?: SQL;
  request_id: string;
};

/**
 * Records a change that the next statement of the batch makes, with the caller as actor. Writes no entry when `rows` is empty
 * or `before` equals `after`.
 */
export const auditChange = (
  database: Database,
  { id, action, target_type, target, before, after, rows, self = sql`false`, request_id }: AuditedChange,
) =>
  database.execute(sql`insert into ${auditLog}
      (tenant_id, id, actor_user_id, actor_role, action, target_type, target_id, request_id, details)
    select app.tenant_id(), ${id}::uuid, app.user_id(), app.actor_role(), ${action}::text, ${target_type}::text, ${target.id}::text,
      ${request_id}::text,
      jsonb_build_object('tenant_id', ${target.tenant_id}, 'before', ${before}, 'after', ${after}) || ${selfMark(self)}
    ${rows} and ${before} is distinct from ${after}`);
