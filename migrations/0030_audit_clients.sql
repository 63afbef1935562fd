CREATE TABLE "audit_clients" (
	"tenant_id" uuid NOT NULL,
	"entry_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"address" text NOT NULL,
	"agent" text,
	CONSTRAINT "audit_clients_tenant_id_entry_id_pk" PRIMARY KEY("tenant_id","entry_id"),
	CONSTRAINT "audit_clients_are_short" CHECK (length("audit_clients"."address") <= 64 and length("audit_clients"."agent") <= 300)
);
--> statement-breakpoint
ALTER TABLE "audit_clients" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE INDEX "audit_clients_by_age" ON "audit_clients" USING btree ("tenant_id","at");--> statement-breakpoint
CREATE POLICY "Admins see where their tenant was used from, and the service what it forgets" ON "audit_clients" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("audit_clients"."tenant_id" = (select app.tenant_id())) and ((select app.role()) in ('admin', 'service')) end);--> statement-breakpoint
CREATE POLICY "The service says where somebody is" ON "audit_clients" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("audit_clients"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service') and ("audit_clients"."at" = now()));--> statement-breakpoint
CREATE POLICY "The service forgets" ON "audit_clients" AS PERMISSIVE FOR DELETE TO "app_worker" USING (("audit_clients"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));
--> statement-breakpoint
alter table audit_clients force row level security;
--> statement-breakpoint
create policy "The owner maintains, on purpose" on audit_clients to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
revoke all on audit_clients from public;
--> statement-breakpoint
grant select, insert, delete on audit_clients to app_worker;
--> statement-breakpoint
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
    delete from public.account_tokens where ctid = any (array(
      select t.ctid from public.account_tokens t where t.tenant_id = erased_id limit rows_max));
    get diagnostics erased = row_count;
  end if;
  if erased < rows_max then
    delete from public.audit_clients where ctid = any (array(
      select a.ctid from public.audit_clients a where a.tenant_id = erased_id limit rows_max));
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
