import type { Database } from '../db/client.ts';
import { deleteExpiredFiles, listTenantsWithExpiredFiles } from '../db/files/user-files.ts';
import { attemptObjects } from '../objects/attempt.ts';
import { OBJECTS_PER_CALL } from '../objects/delete-objects.ts';
import type { Log } from '../runtime/log.ts';
import { fileKey } from './upload.ts';

/** Pages of expired files that one run deletes of a tenant. The rest follows an hour later. */
const PAGES_MAX = 20;

/**
 * Deletes expired files, tenant by tenant, a thousand at a time: the rows first, so that nothing is readable whose bytes are gone. Objects
 * that stay behind are deleted by the bucket's lifecycle rule. Runs every hour. A tenant that fails is logged and tried again by the next run.
 */
export async function sweepExpiredFiles(
  { database, objects }: { database: Database; objects: R2Bucket },
  log: Log,
): Promise<void> {
  for (const tenant_id of await listTenantsWithExpiredFiles(database)) {
    try {
      const deleted = await sweepTenant(database, objects, tenant_id);
      if (deleted > 0) log.info('files_expired', { tenant_id, deleted });
    } catch (error) {
      log.warn('files_not_swept', { tenant_id, error });
    }
  }
}

async function sweepTenant(database: Database, objects: R2Bucket, tenantId: string): Promise<number> {
  let deleted = 0;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const expired = await deleteExpiredFiles(database, tenantId, OBJECTS_PER_CALL);
    const keys = expired.map(({ id, user_id }) => fileKey({ tenantId, userId: user_id }, id));
    if (keys.length > 0) await attemptObjects(() => objects.delete(keys));
    deleted += keys.length;
    if (keys.length < OBJECTS_PER_CALL) break;
  }
  return deleted;
}
