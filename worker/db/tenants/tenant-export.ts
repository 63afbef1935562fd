import { type SQL, sql } from 'drizzle-orm';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { TenantExportKind } from '../../../contracts/api/platform/tenant-export.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { entryOf, type LedgerRow } from '../ledger/ledger.ts';
import { isSuperadminCaller } from './tenants.ts';

/** Pages of a tenant's rows, for its export: without password hashes, keys and contents. */

type Row = Record<string, unknown>;
type Key = (string | number)[];

type ExportedTable = {
  /** Selects the rows of a tenant as they are exported. */
  select: (tenantId: string) => SQL;
  /** The key, in the order of the export. */
  key: readonly string[];
  present?: (row: Row) => Row;
};

const tables: Record<TenantExportKind, ExportedTable> = {
  user: {
    select: (tenantId) => sql`select id, email, name, role, status, level_id, signed_out_at, created_at
      from users where tenant_id = ${tenantId}`,
    key: ['id'],
  },
  level: {
    select: (
      tenantId,
    ) => sql`select l.id, l.slug, l.name, l.is_default, l.features, l.allowed_models, l.created_at,
        to_jsonb(p) - 'tenant_id' - 'level_id' - 'updated_at' as policy
      from levels l join level_token_policies p on p.tenant_id = l.tenant_id and p.level_id = l.id
      where l.tenant_id = ${tenantId}`,
    key: ['id'],
  },
  model: {
    select: (
      tenantId,
    ) => sql`select m.id, m.public_name, p.name as provider_name, p.kind as provider_kind, m.provider_model,
        m.context_window_tokens, m.max_output_tokens, m.capabilities, m.priority, m.enabled, m.created_at
      from ai_models m join ai_providers p on p.tenant_id = m.tenant_id and p.id = m.provider_id
      where m.tenant_id = ${tenantId}`,
    key: ['id'],
  },
  price: {
    select: (tenantId) => sql`select p.* from ai_model_prices p where p.tenant_id = ${tenantId}`,
    key: ['model_tenant_id', 'model_id', 'version'],
  },
  execution: {
    select: (tenantId) => sql`select e.* from ai_executions e where e.tenant_id = ${tenantId}`,
    key: ['id'],
  },
  ledger_entry: {
    select: (tenantId) => sql`select l.* from user_token_ledger l where l.tenant_id = ${tenantId}`,
    key: ['user_id', 'seq'],
    present: (row) => ({ user_id: row.user_id, entry: entryOf(row as LedgerRow) }),
  },
  budget_ledger_entry: {
    select: (tenantId) => sql`select l.* from tenant_ledger l where l.tenant_id = ${tenantId}`,
    key: ['seq'],
    present: (row) => ({ entry: entryOf(row as LedgerRow) }),
  },
};

/** A position in the export of one kind of row. */
export type ExportPosition = { kind: TenantExportKind; after: Key | null };

const list = (parts: SQL[]) => sql.join(parts, sql`, `);
const columnsOf = (key: readonly string[]) => list(key.map((column) => sql`${sql.identifier(column)}`));

/** Returns a page of rows after a position, and the position after it; null at the end. Superadmins only. */
export async function readExportPage(
  database: Database,
  claims: SessionClaims,
  tenantId: string,
  { kind, after }: ExportPosition,
  limit: number,
): Promise<Result<{ rows: Row[]; next: Key | null }, { code: EnterRefusal | 'forbidden' }>> {
  const { select, key, present } = tables[kind];
  const isAfter =
    after === null ? sql`true` : sql`(${columnsOf(key)}) > (${list(after.map((value) => sql`${value}`))})`;
  const answer = await runAsUser(database, claims, [
    database.execute<{ line: Row }>(sql`select to_jsonb(line) - 'tenant_id' as line from (
      select * from (${select(tenantId)}) selected where ${isAfter} order by ${columnsOf(key)} limit ${limit}) line`),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [page, callers] = answer.value;
  if (!isSuperadminCaller(callers)) return fail({ code: 'forbidden' });
  const rows = page.rows.map(({ line }) => line);
  const last = rows.length < limit ? undefined : rows.at(-1);
  const next = last === undefined ? null : key.map((column) => last[column] as string | number);
  return ok({ rows: present === undefined ? rows : rows.map(present), next });
}
