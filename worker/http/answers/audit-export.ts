import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { AuditEntry, AuditFilter } from '../../../contracts/api/tenant/audit.ts';
import { type CsvValue, csvLine } from '../../../contracts/csv.ts';
import { ok } from '../../../contracts/result.ts';
import { listAuditEntries } from '../../db/audit-entries.ts';
import type { Database } from '../../db/client.ts';
import { csvContent } from './csv-file.ts';

/** Entries of a page of an export: one round trip each. */
const PAGE = 1_000;

const columns: Record<string, (entry: AuditEntry) => CsvValue> = {
  at: ({ at }) => at,
  action: ({ action }) => action,
  actor_email: ({ actor }) => actor?.email ?? '',
  actor_role: ({ actor_role }) => actor_role,
  target_type: ({ target_type }) => target_type,
  target_id: ({ target_id }) => target_id,
  target_name: ({ target_user, target_level }) => target_user?.email ?? target_level?.name ?? '',
  self_made: ({ self_made }) => self_made,
  client_address: ({ client }) => client?.address ?? '',
  client_agent: ({ client }) => client?.agent ?? '',
  details: ({ details }) => JSON.stringify(details),
  id: ({ id }) => id,
  actor_key: ({ actor_key }) => actor_key?.name ?? '',
};

export const auditCsv = csvContent('A header and a line for each entry, the newest first.');

const linesOf = (entries: AuditEntry[]) =>
  entries.map((entry) => csvLine(Object.values(columns).map((read) => read(entry)))).join('');

/**
 * Exports the entries that a filter lets through as CSV. Pages are read as the client consumes them, each as the caller; a session
 * that ends meanwhile breaks the stream off. Fails like the first page.
 */
export async function exportAuditLog(database: Database, claims: SessionClaims, filter: AuditFilter) {
  const first = await listAuditEntries(database, claims, { ...filter, limit: PAGE });
  if (!first.ok) return first;
  let page = first.value;
  const encoder = new TextEncoder();
  const lines = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(csvLine(Object.keys(columns)) + linesOf(page.items)));
    },
    async pull(controller) {
      if (page.next_cursor === null) return controller.close();
      const next = await listAuditEntries(database, claims, {
        ...filter,
        limit: PAGE,
        cursor: page.next_cursor,
      });
      if (!next.ok) throw new Error(next.failure.code);
      page = next.value;
      controller.enqueue(encoder.encode(linesOf(page.items)));
    },
  });
  return ok(lines);
}
