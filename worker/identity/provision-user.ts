import type { User } from '../../contracts/api/account/auth.ts';
import type { CreateUserRequest } from '../../contracts/api/tenant/users.ts';
import { fail, type Result } from '../../contracts/result.ts';
import type { EnterRefusal, ManagementCaller } from '../db/context.ts';
import { provisionUser } from '../db/users/provision-user.ts';
import { isMailOn } from '../mail/mail.ts';
import { queueMail } from '../mail/queue-mail.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/**
 * Creates a user for a server of the tenant, at most once for each address. A new user is mailed a link to choose a password, if asked
 * for: somebody who has an account is not.
 */
export async function createUserForServer(
  deps: Dependencies,
  manager: ManagementCaller,
  { mail, ...request }: CreateUserRequest,
  origin: string,
): Promise<Result<{ user: User; is_new: boolean }, { code: EnterRefusal | 'unknown_level' | 'mail_off' }>> {
  if (mail && !isMailOn(deps.settings)) return fail({ code: 'mail_off' });
  const provisioned = await provisionUser(deps.database, manager, request, deps.requestId);
  if (provisioned.ok && provisioned.value.is_new && mail)
    queueMail(
      deps,
      { tenant_id: manager.tenantId, origin },
      { template: 'account_created', email: request.email },
    );
  return provisioned;
}
