import type { DisabledEndpoint } from '../db/webhooks/due-deliveries.ts';
import { queueMails } from '../mail/queue-mail.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** Mails the admins of a tenant that an endpoint was disabled. The mail names its host: the rest of a URL may be a secret. */
export const mailDisabledEndpoint = (
  deps: Pick<Dependencies, 'settings' | 'mailQueue'>,
  tenant_id: string,
  { reason, url, user_ids }: NonNullable<DisabledEndpoint>,
): Promise<void> =>
  queueMails(
    deps,
    tenant_id,
    user_ids.map((user_id) => ({ template: 'webhook_disabled', user_id, host: new URL(url).host, reason })),
  );
