import { type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from './client.ts';
import { auditLog } from './schema/users.ts';

type AuditEntry = { tenant_id: string; actor_user_id: string; action: string; request_id: string };

/** Writes down what somebody did about themselves. */
export const insertAudit = (
  database: Database,
  { tenant_id, actor_user_id, action, request_id }: AuditEntry,
) =>
  database.insert(auditLog).values({
    tenant_id,
    id: uuidv7(),
    actor_user_id,
    actor_role: sql`app.role()`,
    action,
    target_type: 'user',
    target_id: actor_user_id,
    request_id,
  });

export type AuditedChange = {
  id: string;
  action: string;
  target_type: 'user' | 'level' | 'api_key' | 'ai_provider' | 'ai_model' | 'tenant';
  /** Of the row that changes; a superadmin's may be in another tenant than the superadmin. */
  target: { tenant_id: AnyPgColumn; id: AnyPgColumn };
  /** What is about to change, as jsonb, before and after. */
  before: SQL;
  after: SQL;
  /** `from ... where ...`: the row that changes. */
  rows: SQL;
  request_id: string;
};

/**
 * Writes down a change that the next statement makes, in the name of whoever asks. `rows` and the difference between
 * `before` and `after` decide whether there is one: what changes nothing leaves no entry.
 */
export const auditChange = (
  database: Database,
  { id, action, target_type, target, before, after, rows, request_id }: AuditedChange,
) =>
  database.execute(sql`insert into ${auditLog}
      (tenant_id, id, actor_user_id, actor_role, action, target_type, target_id, request_id, details)
    select app.tenant_id(), ${id}::uuid, app.user_id(), app.role(), ${action}::text, ${target_type}::text, ${target.id}::text,
      ${request_id}::text,
      jsonb_build_object('tenant_id', ${target.tenant_id}, 'before', ${before}, 'after', ${after})
    ${rows} and ${before} is distinct from ${after}`);
