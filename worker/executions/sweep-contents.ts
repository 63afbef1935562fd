import type { Database } from '../db/client.ts';
import { deleteExpiredContents } from '../db/contents.ts';
import { listTenantsWithWallets } from '../db/reconciliation.ts';
import type { Log } from '../runtime/log.ts';

/** Deletes the prompts and answers whose time is up, tenant by tenant: what fails for one holds up no other, and comes again. */
export async function sweepExpiredContents(database: Database, log: Log): Promise<void> {
  for (const tenant_id of await listTenantsWithWallets(database)) {
    try {
      const deleted = await deleteExpiredContents(database, tenant_id);
      if (deleted > 0) log.info('contents_expired', { tenant_id, deleted });
    } catch (error) {
      log.warn('contents_not_swept', { tenant_id, error });
    }
  }
}
