import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { insertAuditClient } from '../audit.ts';
import type { Database } from '../client.ts';
import { runAsService } from '../context.ts';
import { auditLog, users } from '../schema/users.ts';
import { insertUser, type NewUser } from './users.ts';

/**
 * Creates a user, unless the address has an account. Either is recorded by the same statements, so that both take the same time. Returns
 * whether the user is new.
 */
export async function createUserUnlessKnown(
  database: Database,
  newUser: NewUser,
): Promise<{ is_new: boolean }> {
  const { id, tenant_id, email, request_id, client } = newUser;
  const entry_id = uuidv7();
  const ofAddress = sql`${users.tenant_id} = ${tenant_id} and ${users.email} = ${email}`;
  const answer = await runAsService(database, tenant_id, [
    insertUser(database, newUser, sql`on conflict (tenant_id, email) do nothing`),
    database.execute(sql`insert into ${auditLog}
        (tenant_id, id, actor_user_id, actor_role, action, target_type, target_id, request_id)
      select ${users.tenant_id}, ${entry_id}::uuid, ${users.id}, app.actor_role(),
        case when ${users.id} = ${id}::uuid then 'user.registered' else 'user.registration_repeated' end,
        'user', ${users.id}::text, ${request_id}
      from ${users} where ${ofAddress}`),
    insertAuditClient(database, tenant_id, entry_id, client),
    database.select({ id: users.id }).from(users).where(ofAddress),
  ]);
  const owner = answer.ok ? answer.value[3][0] : undefined;
  if (owner === undefined) throw new Error('The address has an account now');
  return { is_new: owner.id === id };
}
