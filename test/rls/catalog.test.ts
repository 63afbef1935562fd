import { afterAll, describe, expect, it } from 'vitest';
import { refusalOf, rolledBack, startTestDatabase } from './database.ts';

const database = await startTestDatabase();
const { owner, worker } = database;
afterAll(() => database.stop());

/** Returns the first column of every row of a catalog query. */
async function list(query: string): Promise<string[]> {
  const { rows } = await owner.query<string[]>({ text: query, rowMode: 'array' });
  return rows.map(([first]) => first ?? '');
}

const oursOnly = `nspname not like 'pg\\_%' and nspname not in ('information_schema', 'drizzle')`;
const tables = `pg_class c join pg_namespace n on n.oid = c.relnamespace and ${oursOnly} and c.relkind in ('r', 'p')`;
const functions = `pg_proc p join pg_namespace n on n.oid = p.pronamespace and ${oursOnly}`;

describe('row security', () => {
  it('is enabled and forced on every table', async () => {
    expect(
      await list(`select relname from ${tables} where not (relrowsecurity and relforcerowsecurity)`),
    ).toEqual([]);
    expect((await list(`select relname from ${tables}`)).length).toBeGreaterThan(10);
  });

  it('binds the owner as well, who sees nothing without saying that this is maintenance', async () => {
    await rolledBack(owner, async () => {
      expect((await owner.query('select from tenants')).rowCount).toBe(1);
      await owner.query(`select set_config('app.role', '', true)`);
      expect((await owner.query('select from tenants')).rowCount).toBe(0);
    });
  });

  it('says in every policy, as a sentence, who may do what, and names no role but the Worker and the owner', async () => {
    expect(await list(`select policyname from pg_policies where policyname !~ '^[A-Z].* .*[a-z]$'`)).toEqual(
      [],
    );
    expect(await list(`select distinct roles::text from pg_policies order by 1`)).toEqual([
      '{app_worker}',
      '{vanilla_owner}',
    ]);
  });

  it('asks for the context once per statement: no policy calls a function of the context outside a subselect', async () => {
    const called = String.raw`coalesce(qual, '') || coalesce(with_check, '') ~ '(?<!SELECT )app\.'`;
    expect(await list(`select policyname from pg_policies where ${called}`)).toEqual([]);
  });

  it('is not undercut by a view or a materialized view', async () => {
    expect(
      await list(`select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace and ${oursOnly}
        where relkind = 'm' or (relkind = 'v' and not coalesce('security_invoker=true' = any(reloptions), false))`),
    ).toEqual([]);
  });
});

describe('the role that serves', () => {
  it('is no superuser, does not bypass row security, makes nothing and belongs to no other role', async () => {
    expect(
      await list(`select rolname from pg_roles where rolname = 'app_worker' and rolcanlogin
        and not (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication or rolinherit)`),
    ).toEqual(['app_worker']);
    expect(
      await list(`select roleid::regrole::text from pg_auth_members where member = 'app_worker'::regrole`),
    ).toEqual([]);
  });

  it.each([
    'create table mine (id int)',
    'create temporary table mine (id int)',
    'create schema mine',
    'create function app.mine() returns int language sql return 1',
    'alter table users disable row level security',
    'drop table audit_log',
    'set role vanilla_owner',
    'alter table user_token_ledger disable trigger all',
    `set session_replication_role = 'replica'`,
  ])('cannot %s', async (statement) => {
    await rolledBack(worker, async () => {
      expect(await refusalOf(worker, () => worker.query(statement))).toBe('42501');
    });
  });

  it('does not run a statement for longer than anybody waits for it', async () => {
    const { rows } = await worker.query('show statement_timeout');
    expect(rows).toEqual([{ statement_timeout: '8s' }]);
  });

  it('never reads the hash of a password, a key, an invitation, a link or a ticket, and writes of a user only what registration, sign-out and governing need', async () => {
    const columns = (privilege: string) =>
      list(`select attname from pg_attribute where attrelid = 'users'::regclass and attnum > 0
        and has_column_privilege('app_worker', attrelid, attnum, '${privilege}') order by attname`);
    expect(await columns('select')).not.toContain('password_hash');
    expect(await columns('insert')).toEqual([
      'allocation_awaits',
      'email',
      'id',
      'level_id',
      'name',
      'password_hash',
      'tenant_id',
    ]);
    expect(await columns('update')).toEqual([
      'allocation_awaits',
      'level_id',
      'name',
      'role',
      'signed_out_at',
      'status',
    ]);
    expect(
      await list(`select attname from pg_attribute where attrelid in ('account_tokens'::regclass, 'api_keys'::regclass, 'invitations'::regclass, 'management_keys'::regclass, 'recovery_codes'::regclass, 'user_identities'::regclass) and attname like '%hash'
        and (has_column_privilege('app_worker', attrelid, attnum, 'select')
          or has_column_privilege('app_worker', attrelid, attnum, 'update'))`),
    ).toEqual([]);
  });
});

describe('everybody else', () => {
  it('has no right to any schema, table or function of ours', async () => {
    expect(
      await list(`select nspname from pg_namespace where ${oursOnly}
      and has_schema_privilege('public', oid, 'usage, create')`),
    ).toEqual([]);
    expect(
      await list(`select relname from ${tables}
      where has_table_privilege('public', c.oid, 'select, insert, update, delete, truncate, references, trigger')`),
    ).toEqual([]);
    expect(
      await list(`select proname from ${functions} where has_function_privilege('public', p.oid, 'execute')`),
    ).toEqual([]);
  });

  it('gets none on what a later migration adds', async () => {
    await rolledBack(owner, async () => {
      await owner.query('create function app.later() returns int language sql return 1');
      await owner.query('create table later (id int)');
      const { rows } =
        await owner.query(`select has_function_privilege('public', 'app.later()', 'execute') as runs,
        has_table_privilege('app_worker', 'later', 'select') as reads`);
      expect(rows).toEqual([{ runs: false, reads: false }]);
    });
  });
});

describe('functions', () => {
  it('that run with the rights of their owner are these: what must be known before any context, what a password or a link changes, the clock of policies, and the budget of a new tenant', async () => {
    expect(
      await list(`select p.oid::regprocedure::text from ${functions} where prosecdef order by 1`),
    ).toEqual([
      'app.accept_invitation(uuid,bytea,uuid,text,text)',
      'app.awaits_of_newcomer(text)',
      'app.close_own_account(bigint)',
      'app.domains_to_check(integer)',
      'app.erase_tenant(uuid,integer)',
      'app.find_api_key(bytea)',
      'app.find_invitation(uuid,bytea)',
      'app.find_login(uuid,text)',
      'app.find_management_key(uuid,bytea)',
      'app.found_tenant(uuid,text,text,uuid,text)',
      'app.issue_account_token(uuid,text,text,bytea,text,text,integer)',
      'app.open_budget()',
      'app.renew_password_hash(uuid,text,text)',
      'app.rotate_api_key(uuid,text,bytea,integer)',
      'app.rotate_management_key(uuid,text,bytea,integer)',
      'app.set_own_password(text,bigint)',
      'app.sign_in_by_identity(uuid,text,text,text,boolean,boolean,uuid,bytea,bigint)',
      'app.tenant_of_hostname(text)',
      'app.tenant_of_slug(text)',
      'app.tenants_to_erase()',
      'app.tenants_with_expired_files()',
      'app.tenants_with_wallets()',
      'app.touch_policy_changed_at()',
      'app.touch_updated_at_in_order()',
      'app.unlink_identity(uuid)',
      'app.use_account_token(uuid,text,bytea,text,bigint,uuid)',
      'app.use_recovery_code(uuid,bytea)',
      'app.use_sign_in_ticket(bytea)',
    ]);
  });

  it('that the Worker may call are these', async () => {
    expect(
      await list(
        `select proname from ${functions} where has_function_privilege('app_worker', p.oid, 'execute') order by 1`,
      ),
    ).toEqual([
      'accept_invitation',
      'acting_session_id',
      'actor_role',
      'assert_safe_role',
      'awaits_of_newcomer',
      'close_own_account',
      'domains_to_check',
      'enter',
      'enter_acting',
      'enter_api_key',
      'enter_hostname',
      'enter_management_key',
      'enter_service',
      'enter_session',
      'enter_slug',
      'erase_tenant',
      'find_api_key',
      'find_invitation',
      'find_login',
      'find_management_key',
      'found_tenant',
      'has_scope',
      'histogram_of',
      'issue_account_token',
      'management_key_id',
      'platform_tenant_id',
      'renew_password_hash',
      'role',
      'rotate_api_key',
      'rotate_management_key',
      'self_made_changes_off_by',
      'set_own_password',
      'sign_in_by_identity',
      'tenant_id',
      'tenant_of_hostname',
      'tenant_of_slug',
      'tenants_to_erase',
      'tenants_with_expired_files',
      'tenants_with_wallets',
      'unlink_identity',
      'use_account_token',
      'use_recovery_code',
      'use_sign_in_ticket',
      'user_id',
    ]);
  });

  it('pin their search path, temporary tables last, or were bound to their names when they were made', async () => {
    expect(
      await list(`select proname from ${functions}
        where prosqlbody is null and proconfig is distinct from '{"search_path=pg_catalog, pg_temp"}'`),
    ).toEqual([]);
  });
});

describe('keys', () => {
  it('and indexes are led by the tenant, but for what must be unique on the whole platform, or is read of all tenants', async () => {
    expect(
      await list(`select i.indexrelid::regclass::text from ${tables} join pg_index i on c.oid = i.indrelid
        join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
        where a.attname <> 'tenant_id' order by 1`),
    ).toEqual([
      'api_keys_key_hash_unique',
      'api_keys_previous_key_hash_unique',
      'audit_log_of_all_tenants',
      'daily_usage_by_day',
      'tenant_domains_one_owner',
      'tenants_pkey',
      'tenants_slug_unique',
      'user_files_by_expiry',
    ]);
  });

  it('that point at another table carry the tenant along, so that no row can point across tenants', async () => {
    expect(
      await list(`select conname from pg_constraint k
        join pg_attribute mine on mine.attrelid = k.conrelid and mine.attnum = k.conkey[1]
        join pg_attribute theirs on theirs.attrelid = k.confrelid and theirs.attnum = k.confkey[1]
        where k.contype = 'f' and not (
          (mine.attname = 'tenant_id' and theirs.attname = 'tenant_id')
          or (mine.attname = 'tenant_id' and k.confrelid = 'tenants'::regclass))
        order by 1`),
      // A CHECK restricts a price to models of its own tenant and of the platform.
      // Superadmins are of the platform, and an entry's actor is one only with an acting session: a CHECK and a generated column.
    ).toEqual(['acting_sessions_of_a_superadmin', 'ai_model_prices_of_a_model', 'audit_log_by_an_actor']);
  });

  it('begin with the tenant in every table', async () => {
    expect(
      await list(`select relname from ${tables} where relname <> 'tenants' and not exists (
        select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull)`),
    ).toEqual([]);
  });
});
