import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Result } from '../../../contracts/result.ts';
import type { WalletIdentity } from '../../../contracts/wallet/journal.ts';
import { selfMark } from '../audit.ts';
import type { Database } from '../client.ts';
import { type Administrator, type EnterRefusal, runAsUser } from '../context.ts';
import { auditLog } from '../schema/users.ts';

/** A credit or an adjustment that a wallet made. */
export type RecordedCorrection = {
  kind: 'credit' | 'adjustment';
  wallet: WalletIdentity;
  operation_id: string;
  /** Wallet tokens; signed for an adjustment. */
  amount: number;
  reason: string;
  reference: string | null;
  /** The ledger entry. */
  seq: number;
};

const actions = { credit: 'wallet.credited', adjustment: 'wallet.adjusted' } as const;

/** Records a correction in the audit log, with the caller as actor. A repeated one is recorded once. */
export async function recordCorrection(
  database: Database,
  claims: Administrator,
  { kind, wallet, operation_id, amount, reason, reference, seq }: RecordedCorrection,
  requestId: string,
): Promise<Result<null, { code: EnterRefusal }>> {
  const action = actions[kind];
  const facts = { tenant_id: wallet.tenant_id, operation_id, amount, reason, reference, seq };
  const answer = await runAsUser(database, claims, [
    database.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`${action}/${wallet.user_id}/${operation_id}`}, 0))`,
    ),
    database.execute(sql`insert into ${auditLog}
        (tenant_id, id, actor_user_id, actor_role, action, target_type, target_id, request_id, details)
      select app.tenant_id(), ${uuidv7()}::uuid, app.user_id(), app.actor_role(), ${action}::text, 'user', ${wallet.user_id}::text,
        ${requestId}::text, ${JSON.stringify(facts)}::jsonb
          || ${selfMark(sql`${wallet.user_id}::uuid = app.user_id()`)}
      where not exists (select from ${auditLog}
        where ${auditLog.tenant_id} = app.tenant_id() and ${auditLog.target_type} = 'user'
          and ${auditLog.target_id} = ${wallet.user_id} and ${auditLog.action} = ${action}
          and ${auditLog.details} ->> 'operation_id' = ${operation_id})`),
  ]);
  return answer.ok ? { ok: true, value: null } : answer;
}
