import type { Mutation } from './mutation.ts';

const links = {
  ...{ file: 'migrations/0029_accounts_and_mail.sql', project: 'rls' },
  tests: 'test/rls/account-tokens.test.ts',
};
/** The newest form of the function that uses a token. */
const uses = { ...links, file: 'migrations/0033_second_factors.sql' };
const mails = { project: 'workers', tests: 'test/workers/mail-queue.test.ts' };

/** Mutations of accounts' links, waiting allocations and mail. */
export const accountMutations: Mutation[] = [
  {
    ...uses,
    what: 'a link works after its time',
    find: 'and t.token_hash = asked_hash and t.expires_at > now()',
    replace: 'and t.token_hash = asked_hash',
  },
  {
    ...links,
    what: 'a link is mailed as often as somebody asks',
    find: `or t.created_at < now() - interval '1 minute'`,
    replace: 'or true',
  },
  {
    ...uses,
    what: 'a link of a disabled user works',
    find: `u.id = used.user_id and u.status = 'active' for no key update`,
    replace: 'u.id = used.user_id for no key update',
  },
  {
    ...links,
    what: 'sessions outlive a new password',
    find: 'signed_out_at = greatest(moment, case',
    replace: 'signed_out_at = coalesce(u.signed_out_at, case',
  },
  {
    ...links,
    what: 'a link that changes the address outlives a new password',
    find: `and t.purpose in ('reset_password', 'change_email')`,
    replace: `and t.purpose in ('reset_password')`,
  },
  {
    ...uses,
    what: 'a link mailed to the address before outlives its change',
    find: 'delete from public.account_tokens t where t.tenant_id = asked_tenant_id and t.user_id = account.id;',
    replace: '',
  },
  {
    ...links,
    what: 'users give themselves their allocation',
    find: 'or old.role is distinct from new.role or old.allocation_awaits is distinct from new.allocation_awaits',
    replace: 'or old.role is distinct from new.role',
  },
  {
    ...links,
    what: 'the end of the wait is no later version of the policy',
    find: 'old.level_id is distinct from new.level_id or old.allocation_awaits is distinct from new.allocation_awaits',
    replace: 'old.level_id is distinct from new.level_id',
  },
  {
    ...links,
    file: 'worker/db/users/user-rows.ts',
    what: 'an allocation waits for nothing',
    find: '...(row.user.allocation_awaits === null ? {} : NO_ALLOCATION),',
    replace: '',
  },
  {
    ...mails,
    file: 'worker/queues/mail.ts',
    what: 'a mail that cannot be sent now is lost',
    find: `return code === 'refused' ? message.ack() : retry();`,
    replace: 'return message.ack();',
  },
  {
    ...mails,
    file: 'worker/db/users/account-tokens.ts',
    what: 'a suspended tenant sends mail',
    find: `row?.status === 'active'`,
    replace: 'row !== undefined',
  },
];
