import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import {
  type TenantExportKind,
  type TenantExportLine,
  tenantExportKinds,
} from '../../contracts/api/platform/tenant-export.ts';
import { ok, type Result } from '../../contracts/result.ts';
import { type ExportPosition, readExportPage } from '../db/tenants/tenant-export.ts';
import { getTenant, type TenantRefusal } from '../db/tenants/tenants.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { presentTenantDetail } from './present-tenant.ts';

const PAGE = 500;

type TenantStream = { file_name: string; lines: ReadableStream<Uint8Array> };

const lineOf = (line: TenantExportLine) => `${JSON.stringify(line)}\n`;

/**
 * Exports a tenant as JSON lines: a header, its rows kind by kind, and their number. Pages are read as the client consumes them,
 * each as the caller. Superadmins only.
 */
export async function exportTenant(
  deps: Dependencies,
  claims: SessionClaims,
  id: string,
): Promise<Result<TenantStream, { code: TenantRefusal }>> {
  const found = await getTenant(deps.database, claims, id);
  if (!found.ok) return found;
  const tenant = presentTenantDetail(found.value, deps.settings);
  const encoder = new TextEncoder();
  const counts = Object.fromEntries(tenantExportKinds.map((kind) => [kind, 0])) as Record<
    TenantExportKind,
    number
  >;
  let position: ExportPosition | undefined = { kind: tenantExportKinds[0], after: null };
  const lines = new ReadableStream<Uint8Array>({
    start(controller) {
      const exported_at = new Date().toISOString();
      controller.enqueue(
        encoder.encode(lineOf({ type: 'header', format: 'vanilla-tenant/1', tenant, exported_at })),
      );
    },
    async pull(controller) {
      while (position !== undefined) {
        const { kind } = position;
        const page = await readExportPage(deps.database, claims, id, position, PAGE);
        // An ended session stops the export. The file lacks its last line.
        if (!page.ok) throw new Error(page.failure.code);
        const { rows, next } = page.value;
        counts[kind] += rows.length;
        position = next === null ? startAfter(kind) : { kind, after: next };
        if (rows.length === 0) continue;
        const text = rows.map((row) => lineOf({ ...row, type: kind })).join('');
        return controller.enqueue(encoder.encode(text));
      }
      controller.enqueue(encoder.encode(lineOf({ type: 'end', rows: counts })));
      controller.close();
    },
  });
  return ok({ file_name: `tenant-${tenant.slug}.ndjson`, lines });
}

/** Returns the start of the next kind; undefined after the last. */
function startAfter(kind: TenantExportKind): ExportPosition | undefined {
  const next = tenantExportKinds[tenantExportKinds.indexOf(kind) + 1];
  return next === undefined ? undefined : { kind: next, after: null };
}
