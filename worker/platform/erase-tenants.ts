import type { Database } from '../db/client.ts';
import { erasePart, listTenantsToErase } from '../db/tenants/tenant-lifecycle.ts';
import { deleteUnder } from '../objects/delete-objects.ts';
import { objectKinds, tenantPrefix } from '../objects/object-keys.ts';
import type { Log } from '../runtime/log.ts';

/** Rows of a table that one call erases. Keeps each well below the database's limit of 8 s for a statement. */
const ROWS_MAX = 2_000;
/** Calls of one run. The rest follows an hour later. */
const CALLS_MAX = 500;
/** Pages of objects of a kind that one run deletes of a tenant. The rest follows an hour later. */
const OBJECT_PAGES_MAX = 100;

/** Deletes the objects of a tenant, of every kind. Returns false if some are left for the next run. */
async function eraseObjects(objects: R2Bucket, tenant_id: string): Promise<boolean> {
  for (const kind of objectKinds)
    if ((await deleteUnder(objects, tenantPrefix(kind, tenant_id), OBJECT_PAGES_MAX)) === null) return false;
  return true;
}

/**
 * Erases tenants whose grace period is over: files, kept answers, contents, secrets and personal data go; ledgers, executions and the audit log stay.
 * Objects go first, since nobody enters such a tenant and an erased one is not visited again. Runs every hour. A tenant that fails is logged
 * and tried again by the next run.
 */
export async function eraseDueTenants(
  { database, objects }: { database: Database; objects: R2Bucket },
  log: Log,
): Promise<void> {
  let calls = 0;
  for (const tenant_id of await listTenantsToErase(database)) {
    try {
      if (!(await eraseObjects(objects, tenant_id))) continue;
      let erased = false;
      for (; !erased && calls < CALLS_MAX; calls += 1)
        erased = await erasePart(database, tenant_id, ROWS_MAX);
      if (erased) log.info('tenant_erased', { tenant_id });
    } catch (error) {
      log.warn('tenant_not_erased', { tenant_id, error });
    }
  }
}
