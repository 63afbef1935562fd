import type { Mutation } from './mutation.ts';

const delivery = { project: 'workers', tests: 'test/workers/journal-delivery.test.ts' };
const consumer = { ...delivery, file: 'worker/queues/journal.ts' };
const forgery = { ...consumer, tests: 'test/workers/forged-journal.test.ts' };
const projection = { ...delivery, file: 'worker/db/ledger/journal.ts' };
const repair = {
  ...{ file: 'worker/reconciliation/repair-wallet.ts', project: 'workers' },
  tests: 'test/workers/wallet-repair.test.ts',
};
const runs = {
  ...{ file: 'worker/queues/reconciliation.ts', project: 'workers' },
  tests: 'test/workers/reconciliation-queue.test.ts',
};
const security = { file: 'migrations/0002_security.sql', project: 'rls', tests: 'test/rls' };
const tables = { ...security, file: 'migrations/0001_tables.sql' };
const roles = {
  ...{ file: 'migrations/0025_levels_and_roles.sql', project: 'rls' },
  tests: 'test/rls/roles.test.ts',
};
const selfMade = { ...roles, tests: 'test/rls/self-made-changes.test.ts' };

/** Mutations of the journal’s way into Postgres, of reconciliation and of row security. */
export const postgresMutations: Mutation[] = [
  {
    ...consumer,
    what: 'entries that Postgres did not store are confirmed',
    find: 'for (const { message } of deliveries) message.retry({ delaySeconds: retryDelayS(message.attempts) });\n    return;',
    replace: '',
  },
  {
    ...consumer,
    what: 'stored entries are not confirmed to the wallet',
    find: 'await Promise.all(confirmations.map((confirmation) => confirm(confirmation, env, log)));',
    replace: '',
  },
  {
    ...consumer,
    what: 'the confirmation covers one entry too many',
    find: 'range.first_seq <= before.last_seq + 1)',
    replace: 'range.first_seq <= before.last_seq + 2)',
  },
  {
    ...forgery,
    what: 'the hashes of entries are not checked',
    find: 'if (difference === undefined) return',
    replace: 'if (difference !== null) return',
  },
  {
    ...forgery,
    what: 'a message that can never be valid is retried',
    find: 'message.ack();\n}',
    replace: 'message.retry();\n}',
  },
  {
    ...forgery,
    what: 'a forked journal blocks the others of its batch',
    find: 'if (others.length > 0) return await',
    replace: 'if (others.length > 1_000) return await',
  },
  {
    ...projection,
    file: 'worker/db/ledger/project-wallets.ts',
    what: 'an older entry overwrites the projected wallet',
    find: 'where user_token_wallets.seq < excluded.seq',
    replace: 'where user_token_wallets.seq <> excluded.seq',
  },
  {
    ...projection,
    project: 'rls',
    tests: 'test/rls/journal.test.ts',
    what: "the start's price version replaces the outcome's",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: The source has a template.
    find: 'else coalesce(ai_executions.${column}, excluded.${column})',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: The source has a template.
    replace: 'else excluded.${column}',
  },
  {
    ...projection,
    what: 'a start that arrives late is dropped',
    find: '(ai_executions.started_at_ms is null and',
    replace: '(false and',
  },
  {
    ...security,
    what: 'row security does not bind the owner',
    find: "execute format('alter table %s force row level security', relation);",
    replace: 'null;',
  },
  {
    ...security,
    what: 'ledger rows can be changed',
    find: "array['user_token_ledger', 'audit_log', 'ai_model_prices']",
    replace: "array['audit_log', 'ai_model_prices']",
  },
  {
    ...security,
    what: 'a signed-out session can enter',
    find: 'issued_at_s <= person.signed_out_at_s',
    replace: 'issued_at_s < person.signed_out_at_s - 1',
  },
  {
    ...security,
    file: 'migrations/0032_sessions.sql',
    what: 'a session that was ended one by one can enter',
    find: 's.user_id = entered_user_id and s.ended_at is null;',
    replace: 's.user_id = entered_user_id;',
    project: 'workers',
    tests: 'test/workers/http/sessions.test.ts',
  },
  {
    ...security,
    file: 'migrations/0018_readable_by_case.sql',
    what: "users see other users' ledgers",
    find: '"user_token_ledger"."user_id" = (select app.user_id())',
    replace: '"user_token_ledger"."user_id" is not null',
  },
  {
    ...tables,
    what: "any tenant's executions can be written",
    find: 'WITH CHECK (("ai_executions"."tenant_id" = (select app.tenant_id())) and',
    replace: 'WITH CHECK (("ai_executions"."tenant_id" is not null) and',
  },
  {
    ...repair,
    what: 'a repeated repair acknowledges faults that are newer than the first',
    find: 'if (repaired_through_seq <= findings.repaired_through_seq) return;',
    replace: '',
  },
  {
    ...repair,
    what: 'a repair is audited only when it is over',
    find: 'if (tries === 1) {',
    replace: 'if (tries === 0) {',
  },
  {
    ...repair,
    file: 'worker/reconciliation/reconcile-wallet.ts',
    what: 'a full check adds up entries across a repair',
    find: 'full ? (previous?.repaired_checkpoint ?? null) : null',
    replace: 'null as typeof GENESIS | null',
  },
  {
    ...repair,
    file: 'worker/reconciliation/reconcile-wallet.ts',
    what: 'entries long after a fault are not read',
    find: 'full || proof.differences_found > 0 ?',
    replace: 'full ?',
  },
  {
    ...runs,
    what: 'a long ledger is never read to its end',
    find: 'return complete || !leadsOn',
    replace: 'return true || !leadsOn',
  },
  {
    ...runs,
    what: 'a check that fails is not retried',
    find: "const unfinished = answer.status === 'rejected' || !answer.value;",
    replace: "const unfinished = answer.status === 'fulfilled' && !answer.value;",
  },
  {
    file: 'migrations/0013_ordered_versions.sql',
    project: 'rls',
    tests: 'test/rls/level-policies.test.ts',
    what: 'a clock that steps back makes a policy older than the one it replaces',
    find: "greatest((extract(epoch from clock_timestamp()) * 1000000)::bigint, nextval('app.policy_clock'))",
    replace: '(extract(epoch from clock_timestamp()) * 1000000)::bigint',
  },
  {
    ...roles,
    what: 'two admins who end each other do not wait for each other',
    find: "perform pg_advisory_xact_lock(hashtextextended('app.keep_an_admin/' || old.tenant_id, 0));",
    replace: '',
  },
  {
    ...roles,
    what: 'a disabled admin counts as one who stays',
    find: "u.id <> old.id and u.status = 'active' and u.role = any (kept_roles)",
    replace: 'u.id <> old.id and u.role = any (kept_roles)',
  },
  {
    ...roles,
    file: 'migrations/0036_management_keys.sql',
    what: 'an admin makes superadmins',
    find: "app.role() = 'admin' and 'superadmin' in (old.role, new.role)",
    replace: 'false',
  },
  {
    ...selfMade,
    what: 'an admin unlocks self-made changes',
    find: "if coalesce(app.role(), '') not in ('superadmin', 'operator') then\n    raise exception 'only superadmins lock",
    replace: "if false then\n    raise exception 'only superadmins lock",
  },
  {
    ...selfMade,
    what: 'an admin overrides their own policy though it is turned off',
    find: 'if app.self_made_changes_off_by(new.user_id) is not null then',
    replace: 'if false then',
  },
];
