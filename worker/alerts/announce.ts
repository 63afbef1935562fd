import type { Told } from '../db/alerts/tell.ts';
import { queueMails } from '../mail/queue-mail.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { wakeEndpoints } from '../webhooks/wake.ts';

export type AnnounceDependencies = Pick<Dependencies, 'settings' | 'mailQueue' | 'webhooksQueue'>;

/**
 * Announces what a committed transaction has told: wakes the endpoints that want it, and mails the users of new alerts. Throws if a queue
 * cannot be reached.
 */
export async function announce(deps: AnnounceDependencies, told: Told | null): Promise<void> {
  if (told === null) return;
  const { tenant_id, endpoint_ids, mails } = told;
  await wakeEndpoints(deps.webhooksQueue, tenant_id, endpoint_ids);
  await queueMails(
    deps,
    tenant_id,
    mails.map(({ user_id, kind, data }) => ({ template: 'alert', user_id, kind, data })),
  );
}
