import { and, eq, isNull, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { User } from '../../../contracts/api/account/auth.ts';
import type { CreateUserRequest } from '../../../contracts/api/tenant/users.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { auditChange } from '../audit.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, type ManagementCaller, runAsUser } from '../context.ts';
import { levels } from '../schema/tenancy.ts';
import { users } from '../schema/users.ts';
import { levelOfUser, presentUser, userColumns } from './user-rows.ts';

/** Stored instead of a hash while an account has no password. No password matches it. */
const NO_PASSWORD = '-';

/**
 * Creates a plain user of a management key's tenant, without a password. An address that has an account keeps it as it is. Returns the
 * user, and whether it is new.
 */
export async function provisionUser(
  database: Database,
  manager: ManagementCaller,
  { email, name, level_id }: Pick<CreateUserRequest, 'email' | 'name' | 'level_id'>,
  requestId: string,
): Promise<Result<{ user: User; is_new: boolean }, { code: EnterRefusal | 'unknown_level' }>> {
  const id = uuidv7();
  const level = sql`(select ${levels.id} from ${levels} where ${levels.tenant_id} = app.tenant_id()
    and case when ${level_id ?? null}::uuid is null then ${levels.is_default} else ${levels.id} = ${level_id ?? null}::uuid end
    and ${isNull(levels.archived_at)})`;
  const answer = await runAsUser(database, manager, [
    // The Worker is granted these columns only. An insert that names others is refused.
    database.execute(sql`insert into users (tenant_id, id, email, name, password_hash, level_id)
      select app.tenant_id(), ${id}::uuid, ${email}::text, ${name ?? null}::text, ${NO_PASSWORD}, level.id from ${level} as level
      on conflict (tenant_id, email) do nothing`),
    auditChange(database, {
      ...{ id: uuidv7(), action: 'user.created', target_type: 'user', target: users, request_id: requestId },
      before: sql`null::jsonb`,
      after: sql`jsonb_build_object('level_id', ${users.level_id})`,
      rows: sql`from ${users} where ${users.tenant_id} = app.tenant_id() and ${users.id} = ${id}`,
    }),
    database
      .select(userColumns)
      .from(users)
      .innerJoin(levels, levelOfUser)
      .where(and(eq(users.tenant_id, manager.tenantId), eq(users.email, email))),
  ]);
  if (!answer.ok) return answer;
  const [, , [row]] = answer.value;
  return row === undefined
    ? fail({ code: 'unknown_level' })
    : ok({ user: presentUser(row), is_new: row.id === id });
}
