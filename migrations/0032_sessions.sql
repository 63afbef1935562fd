CREATE TABLE "sessions" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"issued_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone DEFAULT now() NOT NULL,
	"confirmed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	"address" text NOT NULL,
	"agent" text,
	CONSTRAINT "sessions_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "sessions_are_short" CHECK (length("sessions"."address") <= 64 and length("sessions"."agent") <= 300)
);
--> statement-breakpoint
ALTER TABLE "sessions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "sessions_by_user" ON "sessions" USING btree ("tenant_id","user_id","id");--> statement-breakpoint
CREATE INDEX "sessions_by_end" ON "sessions" USING btree ("tenant_id","expires_at");--> statement-breakpoint
CREATE POLICY "Users see their own sessions, and the service what it forgets" ON "sessions" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("sessions"."tenant_id" = (select app.tenant_id())) and (("sessions"."user_id" = (select app.user_id())) or ((select app.role()) = 'service')));--> statement-breakpoint
CREATE POLICY "The service starts sessions" ON "sessions" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("sessions"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Users use and end their own sessions" ON "sessions" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("sessions"."tenant_id" = (select app.tenant_id())) and ("sessions"."user_id" = (select app.user_id()))) WITH CHECK (("sessions"."tenant_id" = (select app.tenant_id())) and ("sessions"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "The service forgets sessions" ON "sessions" AS PERMISSIVE FOR DELETE TO "app_worker" USING (("sessions"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));
--> statement-breakpoint
alter table sessions force row level security;
--> statement-breakpoint
create policy "The owner maintains, on purpose" on sessions to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
revoke all on sessions from public;
--> statement-breakpoint
grant select, insert, update (last_used_at, confirmed_at, ended_at), delete on sessions to app_worker;
--> statement-breakpoint
-- As a person in one of their sessions. VS402: there is no such session, or it was ended; and what app.enter raises. Notes the use at most
-- every ten minutes, and not at all while another request does.
create function app.enter_session(entered_tenant_id uuid, entered_user_id uuid, issued_at_s bigint, entered_session_id uuid)
returns table (role text, tenant_id uuid, user_id uuid) language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  entered_role text;
  used_at timestamptz;
begin
  select e.role into entered_role from app.enter(entered_tenant_id, entered_user_id, issued_at_s) e;
  select s.last_used_at into used_at from public.sessions s
    where s.tenant_id = entered_tenant_id and s.id = entered_session_id and s.user_id = entered_user_id and s.ended_at is null;
  if not found then
    raise exception 'the session was ended' using errcode = 'VS402';
  elsif used_at < now() - interval '10 minutes' then
    update public.sessions set last_used_at = now() where ctid = (
      select s.ctid from public.sessions s
        where s.tenant_id = entered_tenant_id and s.id = entered_session_id for no key update skip locked);
  end if;
  return query select entered_role, entered_tenant_id, entered_user_id;
end
$$;
--> statement-breakpoint
-- Tables whose rows are deleted with their tenant, in this order. A migration that adds one replaces this function.
create function app.tables_emptied_with_tenant() returns text[] language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select array['ai_execution_contents', 'api_keys', 'invitations', 'account_tokens', 'audit_clients', 'sessions']
$$;
--> statement-breakpoint
create or replace function app.erase_tenant(erased_id uuid, rows_max integer) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  emptied text;
  erased bigint := 0;
begin
  perform set_config('app.role', 'operator', true);
  perform from public.tenants t where t.id = erased_id and app.is_to_be_erased(t) for no key update;
  if not found then
    perform set_config('app.role', role_before, true);
    return true;
  end if;
  foreach emptied in array app.tables_emptied_with_tenant() loop
    execute format('delete from public.%I where ctid = any (array(
      select t.ctid from public.%I t where t.tenant_id = $1 limit $2))', emptied, emptied) using erased_id, rows_max;
    get diagnostics erased = row_count;
    exit when erased >= rows_max;
  end loop;
  if erased < rows_max then
    update public.users set email = 'erased-' || id || '@deleted.invalid', name = null, password_hash = '-',
      status = 'disabled', signed_out_at = now()
      where ctid = any (array(select u.ctid from public.users u
        where u.tenant_id = erased_id and u.email <> 'erased-' || u.id || '@deleted.invalid' limit rows_max));
    get diagnostics erased = row_count;
  end if;
  if erased < rows_max then
    delete from public.tenant_domains where tenant_id = erased_id and custom_hostname_id is null;
    update public.tenant_domains set status = 'deleting', status_since = now(), next_check_at = now(), findings = null,
      created_by = null
      where tenant_id = erased_id and status <> 'deleting';
    delete from public.tenant_assets where tenant_id = erased_id;
    update public.ai_models set enabled = false where tenant_id = erased_id;
    update public.ai_providers set enabled = false, api_key_ciphertext = 'erased', base_url = null, settings = '{}'
      where tenant_id = erased_id;
    update public.tenants set status = 'deleted', deletion_due_at = null, slug = 'deleted-' || id, former_slug = null,
      former_slug_held_until = null, tagline = null, logo_url = null, support_email = null, registration = 'closed',
      registration_email_domains = '{}', allowed_origins = '{}'
      where id = erased_id;
  end if;
  perform set_config('app.role', role_before, true);
  return erased < rows_max;
end
$$;
--> statement-breakpoint
revoke execute on function app.enter_session(uuid, uuid, bigint, uuid), app.tables_emptied_with_tenant() from public;
--> statement-breakpoint
grant execute on function app.enter_session(uuid, uuid, bigint, uuid) to app_worker;
