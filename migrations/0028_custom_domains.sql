ALTER TABLE "tenant_domains" DROP CONSTRAINT "tenant_domains_hostname_once_per_tenant";--> statement-breakpoint
ALTER TABLE "tenant_domains" DROP CONSTRAINT "tenant_domains_status_is_known";--> statement-breakpoint
DROP INDEX "tenant_domains_one_active_owner";--> statement-breakpoint
ALTER TABLE "tenant_domains" ALTER COLUMN "status" SET DEFAULT 'waiting_for_txt';--> statement-breakpoint
ALTER TABLE "tenant_domains" ADD COLUMN "status_since" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "tenant_domains" ADD COLUMN "custom_hostname_id" text;--> statement-breakpoint
ALTER TABLE "tenant_domains" ADD COLUMN "findings" jsonb;--> statement-breakpoint
ALTER TABLE "tenant_domains" ADD COLUMN "problem" text;--> statement-breakpoint
ALTER TABLE "tenant_domains" ADD COLUMN "missing_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "tenant_domains" ADD COLUMN "check_started_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "tenant_domains" ADD COLUMN "checked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "tenant_domains" ADD COLUMN "next_check_at" timestamp with time zone DEFAULT now();--> statement-breakpoint
ALTER TABLE "tenant_domains" ADD COLUMN "created_by" uuid;--> statement-breakpoint
ALTER TABLE "tenant_domains" ADD CONSTRAINT "tenant_domains_tenant_id_created_by_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","created_by") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "tenant_domains_hostname_once_per_tenant" ON "tenant_domains" USING btree ("tenant_id","hostname") WHERE status <> 'deleting';--> statement-breakpoint
CREATE UNIQUE INDEX "tenant_domains_one_owner" ON "tenant_domains" USING btree ("hostname") WHERE status in ('issuing', 'active');--> statement-breakpoint
select set_config('app.role', 'operator', true);
--> statement-breakpoint
update tenant_domains set status = case status when 'pending' then 'waiting_for_txt' else status end,
  -- Hostnames that an operator made active have no proof to look for.
  next_check_at = case status when 'pending' then now() end;
--> statement-breakpoint
select set_config('app.role', '', true);
--> statement-breakpoint
ALTER TABLE "tenant_domains" ADD CONSTRAINT "tenant_domains_status_is_known" CHECK ("tenant_domains"."status" in ('waiting_for_txt', 'issuing', 'active', 'moved', 'failed', 'deleting'));--> statement-breakpoint
CREATE POLICY "Admins claim hostnames for their tenant, without a proof" ON "tenant_domains" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("tenant_domains"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin') and ("tenant_domains"."status" = 'waiting_for_txt' and "tenant_domains"."custom_hostname_id" is null) and (("tenant_domains"."created_by" = (select app.user_id())) or (((select app.acting_session_id()) is not null) and ("tenant_domains"."created_by" is null))));--> statement-breakpoint
CREATE POLICY "Admins begin to remove hostnames of their tenant" ON "tenant_domains" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("tenant_domains"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) WITH CHECK (("tenant_domains"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin') and ("tenant_domains"."status" = 'deleting'));--> statement-breakpoint
CREATE POLICY "The service keeps what checks of hostnames find" ON "tenant_domains" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("tenant_domains"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service')) WITH CHECK (("tenant_domains"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "The service forgets hostnames that are removed" ON "tenant_domains" AS PERMISSIVE FOR DELETE TO "app_worker" USING (("tenant_domains"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service') and ("tenant_domains"."status" = 'deleting'));
--> statement-breakpoint
grant insert (tenant_id, id, hostname, verification_token, created_by),
  update (status, status_since, custom_hostname_id, findings, problem, missing_since, check_started_at, checked_at, next_check_at,
    verified_at),
  delete
  on tenant_domains to app_worker;
--> statement-breakpoint

-- The domains that are due for a check, in every tenant, the most overdue first.
create function app.domains_to_check(rows_max integer) returns table (tenant_id uuid, domain_id uuid)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
begin
  perform set_config('app.role', 'operator', true);
  return query
    select d.tenant_id, d.id from public.tenant_domains d
    where d.next_check_at <= now() order by d.next_check_at, d.id limit rows_max;
  perform set_config('app.role', role_before, true);
end
$$;
--> statement-breakpoint
-- Domains with a custom hostname at Cloudflare stop to answer and are removed there first; the hourly run then deletes them.
create or replace function app.erase_tenant(erased_id uuid, rows_max integer) returns boolean
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
revoke execute on function app.domains_to_check(integer) from public;
--> statement-breakpoint
grant execute on function app.domains_to_check(integer) to app_worker;
