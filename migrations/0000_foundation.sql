-- The role that serves, and the functions that say whom a transaction acts for. Everything after this file names them.

-- Made here, in SQL, because roles that Neon's console or API make have BYPASSRLS. Its password is the operator's to set:
--   alter role app_worker password '...';
do $$
begin
  if not exists (select from pg_roles where rolname = 'app_worker') then
    create role app_worker login nosuperuser nobypassrls nocreatedb nocreaterole noinherit;
  end if;
  if exists (select from pg_roles where rolname = 'app_worker' and (rolsuper or rolbypassrls)) then
    raise exception 'app_worker bypasses row security: drop it and let this migration make it';
  end if;
  -- Temporary tables are of no use to a Worker, and a way to shadow a name.
  execute format('revoke temporary on database %I from public', current_database());
end
$$;
--> statement-breakpoint
-- Below the Worker's own patience (10 s): what nobody waits for any more does not run on.
alter role app_worker set statement_timeout = '8s';
--> statement-breakpoint
alter role app_worker set idle_in_transaction_session_timeout = '15s';
--> statement-breakpoint
revoke all on schema public from public;
--> statement-breakpoint
create schema app;
--> statement-breakpoint
revoke all on schema app from public;
--> statement-breakpoint
grant usage on schema public, app to app_worker;
--> statement-breakpoint
alter default privileges revoke execute on functions from public;
--> statement-breakpoint

-- The context of a transaction. After a transaction-local setting ends it reads as '', not null: hence nullif.
create function app.tenant_id() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.tenant_id', true), '')::uuid;
--> statement-breakpoint
create function app.user_id() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.user_id', true), '')::uuid;
--> statement-breakpoint
-- user, admin or superadmin for a person; service for the journal and the snapshot loader; operator for the owner's upkeep.
create function app.role() returns text language sql stable parallel safe
  return nullif(current_setting('app.role', true), '');
--> statement-breakpoint
-- The tenant that is the platform itself: it owns what every tenant shares.
create function app.platform_tenant_id() returns uuid language sql immutable parallel safe
  return '00000000-0000-7000-8000-000000000001'::uuid;
--> statement-breakpoint
grant execute on function app.tenant_id(), app.user_id(), app.role(), app.platform_tenant_id() to app_worker;
