-- A superadmin who acts inside a tenant has an admin's rights there, and is named as a superadmin by whatever they do. The setting
-- names tenant, person and session together: entering anything else in the same transaction ends the acting.
create function app.acting_session_id() returns uuid language sql stable parallel safe
  return case when split_part(current_setting('app.acting', true), ' ', 1) = app.tenant_id() || '/' || app.user_id()
    and app.role() = 'admin' then split_part(current_setting('app.acting', true), ' ', 2)::uuid end;
--> statement-breakpoint
create function app.actor_role() returns text language sql stable parallel safe
  return case when app.acting_session_id() is null then app.role() else 'superadmin' end;
--> statement-breakpoint
grant execute on function app.acting_session_id(), app.actor_role() to app_worker;
--> statement-breakpoint
CREATE TABLE "acting_sessions" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"superadmin_tenant_id" uuid DEFAULT app.platform_tenant_id() NOT NULL,
	"superadmin_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "acting_sessions_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "acting_sessions_are_of_the_platform" CHECK ("acting_sessions"."superadmin_tenant_id" = app.platform_tenant_id() and "acting_sessions"."tenant_id" <> app.platform_tenant_id()),
	CONSTRAINT "acting_sessions_are_short" CHECK ("acting_sessions"."expires_at" <= "acting_sessions"."started_at" + interval '15 minutes')
);
--> statement-breakpoint
ALTER TABLE "acting_sessions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "tenants" DROP CONSTRAINT "tenants_status_is_known";--> statement-breakpoint
ALTER TABLE "audit_log" DROP CONSTRAINT "audit_log_tenant_id_actor_user_id_users_tenant_id_id_fk";
--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "status_reason" text;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "status_changed_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "deletion_due_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "former_slug" text;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "former_slug_held_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "signed_up_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "tenant_signups" text DEFAULT 'closed' NOT NULL;--> statement-breakpoint
ALTER TABLE "audit_log" ADD COLUMN "acting_session_id" uuid DEFAULT app.acting_session_id();--> statement-breakpoint
ALTER TABLE "audit_log" ADD COLUMN "actor_tenant_id" uuid GENERATED ALWAYS AS (case when acting_session_id is null then tenant_id else app.platform_tenant_id() end) STORED;--> statement-breakpoint
ALTER TABLE "acting_sessions" ADD CONSTRAINT "acting_sessions_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "acting_sessions" ADD CONSTRAINT "acting_sessions_of_a_superadmin" FOREIGN KEY ("superadmin_tenant_id","superadmin_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_log" ADD CONSTRAINT "audit_log_by_an_actor" FOREIGN KEY ("actor_tenant_id","actor_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_log" ADD CONSTRAINT "audit_log_of_an_acting_session" FOREIGN KEY ("tenant_id","acting_session_id") REFERENCES "public"."acting_sessions"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_deletion_has_a_due_time" CHECK (("tenants"."status" = 'deleting') = ("tenants"."deletion_due_at" is not null));--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_platform_is_active" CHECK ("tenants"."id" <> app.platform_tenant_id() or ("tenants"."status" = 'active' and "tenants"."slug" = 'platform'));--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_former_slug_is_held" CHECK (("tenants"."former_slug" is null) = ("tenants"."former_slug_held_until" is null));--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_signups_are_of_the_platform" CHECK ("tenants"."tenant_signups" = 'closed' or ("tenants"."id" = app.platform_tenant_id() and "tenants"."tenant_signups" in ('reviewed', 'unverified')));--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_status_is_known" CHECK ("tenants"."status" in ('active', 'suspended', 'deleting', 'deleted'));--> statement-breakpoint
CREATE POLICY "Superadmins inside a tenant invite to it as the platform" ON "invitations" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("invitations"."tenant_id" = (select app.tenant_id())) and ((select app.acting_session_id()) is not null) and ("invitations"."role" <> 'superadmin') and ("invitations"."invited_by" is null));--> statement-breakpoint
CREATE POLICY "A sign-up invites the first admin of its tenant" ON "invitations" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("invitations"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service') and ("invitations"."role" = 'admin' and "invitations"."invited_by" is null) and (not exists (select from users where users.tenant_id = "invitations"."tenant_id")));--> statement-breakpoint
CREATE POLICY "Admins see who from the platform was in their tenant" ON "acting_sessions" AS PERMISSIVE FOR SELECT TO "app_worker" USING ((("acting_sessions"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Superadmins open sessions for themselves, from this moment on" ON "acting_sessions" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (((select app.role()) = 'superadmin') and ("acting_sessions"."superadmin_id" = (select app.user_id())) and ("acting_sessions"."started_at" = now()));--> statement-breakpoint
CREATE POLICY "Superadmins end their own sessions" ON "acting_sessions" AS PERMISSIVE FOR UPDATE TO "app_worker" USING ("acting_sessions"."superadmin_id" = (select app.user_id())) WITH CHECK ("acting_sessions"."superadmin_id" = (select app.user_id()));--> statement-breakpoint
ALTER POLICY "An entry names the person acting, in the role they have, at this moment" ON "audit_log" TO app_worker WITH CHECK (("audit_log"."tenant_id" = (select app.tenant_id())) and (("audit_log"."actor_user_id" = (select app.user_id())) or ((select app.role()) = 'service')) and ("audit_log"."actor_role" = (select app.actor_role())) and ("audit_log"."acting_session_id" is not distinct from (select app.acting_session_id())) and ("audit_log"."at" = now()));--> statement-breakpoint
alter table acting_sessions force row level security;
--> statement-breakpoint
create policy "The owner maintains, on purpose" on acting_sessions to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
revoke all on acting_sessions from public;
--> statement-breakpoint
grant select, insert (tenant_id, id, superadmin_id, reason, expires_at), update (ended_at) on acting_sessions to app_worker;
--> statement-breakpoint
grant update (name, tagline, logo_url, primary_color, slug, status, status_reason, deletion_due_at, former_slug,
  former_slug_held_until, tenant_signups) on tenants to app_worker;
--> statement-breakpoint

-- Admins may update their tenant's row, and column grants do not tell roles apart: so the columns that govern a tenant are guarded
-- here.
create function app.refuse_tenant_government() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(app.role(), '') not in ('superadmin', 'operator') then
    raise exception 'only superadmins change the slug or the status of a tenant' using errcode = 'VS010';
  elsif app.role() <> 'operator' and 'deleted' in (old.status, new.status) then
    raise exception 'a tenant is deleted at the end of its grace period, and for good' using errcode = 'VS010';
  end if;
  if old.status <> new.status then
    new.status_changed_at = greatest(clock_timestamp(), old.status_changed_at + interval '1 microsecond');
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger refuse_tenant_government
  before update of slug, status, status_reason, status_changed_at, deletion_due_at, former_slug, former_slug_held_until,
    signed_up_at, tenant_signups on tenants
  for each row when ((old.slug, old.status, old.status_reason, old.status_changed_at, old.deletion_due_at, old.former_slug,
      old.former_slug_held_until, old.signed_up_at, old.tenant_signups)
    is distinct from (new.slug, new.status, new.status_reason, new.status_changed_at, new.deletion_due_at, new.former_slug,
      new.former_slug_held_until, new.signed_up_at, new.tenant_signups))
  execute function app.refuse_tenant_government();
--> statement-breakpoint

-- A tenant, its default level and the policy of that level: without one of them its first user could not exist. Superadmins may,
-- and the platform's service for a sign-up, where the platform allows them. VS010: nobody else. VS012: the slug is held for the tenant that had it.
-- VS013: sign-ups are closed. VS014: there were too many today.
create function app.found_tenant(founded_id uuid, founded_slug text, founded_name text, founded_level_id uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
begin
  if app.tenant_id() is distinct from app.platform_tenant_id() or role_before not in ('superadmin', 'service') then
    raise exception 'only superadmins found tenants' using errcode = 'VS010';
  end if;
  perform set_config('app.role', 'operator', true);
  if role_before = 'service' then
    -- One at a time, so that the count holds.
    perform pg_advisory_xact_lock(hashtext('app.found_tenant'));
    if exists (select from public.tenants t where t.id = app.platform_tenant_id() and t.tenant_signups = 'closed') then
      raise exception 'sign-ups are closed' using errcode = 'VS013';
    elsif (select count(*) from public.tenants t where t.signed_up_at > now() - interval '1 day') >= 50 then
      raise exception 'there were 50 sign-ups within a day' using errcode = 'VS014';
    end if;
  end if;
  if exists (
    select from public.tenants t where t.former_slug = founded_slug and t.former_slug_held_until > now()
  ) then
    raise exception 'the slug is held' using errcode = 'VS012';
  end if;
  insert into public.tenants (id, slug, name, primary_color, registration, signed_up_at)
    values (founded_id, founded_slug, founded_name, '#4f46e5', 'invitation', case when role_before = 'service' then now() end);
  insert into public.levels (tenant_id, id, slug, name, is_default)
    values (founded_id, founded_level_id, 'standard', 'Standard', true);
  insert into public.level_token_policies (tenant_id, level_id, mode, allocation_tokens, rollover_cap_tokens, enforcement,
      warning_thresholds_percent, reservation_lifetime_ms, in_flight_max)
    values (founded_id, founded_level_id, 'lifetime', 10000, 0, 'hard', '{80,95}', 120000, 100);
  perform set_config('app.role', role_before, true);
end
$$;
--> statement-breakpoint

-- Tenants whose grace period is over, and those that signed up and that nobody entered while their invitation was valid.
create function app.is_to_be_erased(tenant public.tenants) returns boolean language sql stable
  return tenant.id <> app.platform_tenant_id() and (
    (tenant.status = 'deleting' and tenant.deletion_due_at <= now())
    or (tenant.status in ('active', 'suspended') and tenant.signed_up_at < now() - interval '8 days'
      and not exists (select from public.users u where u.tenant_id = tenant.id)));
--> statement-breakpoint
create function app.tenants_to_erase() returns setof uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
begin
  perform set_config('app.role', 'operator', true);
  return query select t.id from public.tenants t where app.is_to_be_erased(t) order by t.id limit 100;
  perform set_config('app.role', role_before, true);
end
$$;
--> statement-breakpoint
-- Erases some of a tenant's contents, secrets and personal data, at most `rows_max` rows of a table. True when nothing is left:
-- the tenant is then deleted, and its slug is free. Ledgers, executions, prices and the audit log are never changed; they know
-- people by their ids. Does nothing to a tenant that is not to be erased.
create function app.erase_tenant(erased_id uuid, rows_max integer) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  erased bigint;
begin
  perform set_config('app.role', 'operator', true);
  perform from public.tenants t where t.id = erased_id and app.is_to_be_erased(t) for no key update;
  if not found then
    perform set_config('app.role', role_before, true);
    return true;
  end if;
  delete from public.ai_execution_contents where ctid = any (array(
    select c.ctid from public.ai_execution_contents c where c.tenant_id = erased_id limit rows_max));
  get diagnostics erased = row_count;
  if erased < rows_max then
    delete from public.api_keys where ctid = any (array(
      select k.ctid from public.api_keys k where k.tenant_id = erased_id limit rows_max));
    get diagnostics erased = row_count;
  end if;
  if erased < rows_max then
    delete from public.invitations where ctid = any (array(
      select i.ctid from public.invitations i where i.tenant_id = erased_id limit rows_max));
    get diagnostics erased = row_count;
  end if;
  if erased < rows_max then
    update public.users set email = 'erased-' || id || '@deleted.invalid', name = null, password_hash = '-',
      status = 'disabled', signed_out_at = now()
      where ctid = any (array(select u.ctid from public.users u
        where u.tenant_id = erased_id and u.email <> 'erased-' || u.id || '@deleted.invalid' limit rows_max));
    get diagnostics erased = row_count;
  end if;
  if erased < rows_max then
    delete from public.tenant_domains where tenant_id = erased_id;
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
-- What a deleted tenant leaves behind answers to no name, and has no wallets to check.
create or replace function app.tenant_of_slug(asked_slug text) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  found_id uuid;
begin
  perform set_config('app.role', 'operator', true);
  select t.id into found_id from public.tenants t where t.slug = asked_slug and t.status <> 'deleted';
  perform set_config('app.role', role_before, true);
  return found_id;
end
$$;
--> statement-breakpoint
create or replace function app.tenants_with_wallets() returns setof uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
begin
  perform set_config('app.role', 'operator', true);
  return query
    select t.id from public.tenants t
    where t.status <> 'deleted'
    order by t.id;
  perform set_config('app.role', role_before, true);
end
$$;
--> statement-breakpoint

-- As a superadmin inside a tenant, for as long as the session lasts and its superadmin is one. VS401: no such session. VS402: it has
-- ended. VS404: the tenant is suspended; and what app.enter raises about the superadmin.
create function app.enter_acting(entered_tenant_id uuid, entered_superadmin_id uuid, issued_at_s bigint, entered_session_id uuid)
returns table (role text, tenant_id uuid, user_id uuid) language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  acting record;
begin
  perform app.enter(app.platform_tenant_id(), entered_superadmin_id, issued_at_s);
  select s.ended_at, s.expires_at, t.status into acting
    from public.acting_sessions s join public.tenants t on t.id = s.tenant_id
    where app.role() = 'superadmin' and s.tenant_id = entered_tenant_id and s.id = entered_session_id
      and s.superadmin_id = entered_superadmin_id;
  if not found then
    raise exception 'no such session in this tenant' using errcode = 'VS401';
  elsif acting.ended_at is not null or acting.expires_at <= now() then
    raise exception 'the session has ended' using errcode = 'VS402';
  elsif acting.status <> 'active' then
    raise exception 'the tenant is suspended' using errcode = 'VS404';
  end if;
  perform set_config('app.tenant_id', entered_tenant_id::text, true);
  perform set_config('app.role', 'admin', true);
  perform set_config('app.acting', entered_tenant_id || '/' || entered_superadmin_id || ' ' || entered_session_id, true);
  return query select 'admin', entered_tenant_id, entered_superadmin_id;
end
$$;
--> statement-breakpoint
revoke execute on function app.acting_session_id(), app.actor_role(), app.refuse_tenant_government(),
  app.found_tenant(uuid, text, text, uuid), app.is_to_be_erased(tenants), app.tenants_to_erase(), app.erase_tenant(uuid, integer),
  app.enter_acting(uuid, uuid, bigint, uuid) from public;
--> statement-breakpoint
grant execute on function app.found_tenant(uuid, text, text, uuid), app.tenants_to_erase(), app.erase_tenant(uuid, integer),
  app.enter_acting(uuid, uuid, bigint, uuid) to app_worker;
