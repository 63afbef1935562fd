-- A server of a tenant acts by a management key: the role is its own, and `app.scopes` what the key is for. The policies below hold it to
-- that, whatever the Worker asks for.
create function app.has_scope(asked_scope text) returns boolean language sql stable parallel safe
  return app.role() = 'management_key' and asked_scope = any (string_to_array(current_setting('app.scopes', true), ','));
--> statement-breakpoint
create function app.management_key_id() returns uuid language sql stable parallel safe
  return case when app.role() = 'management_key' then nullif(current_setting('app.management_key_id', true), '')::uuid end;
--> statement-breakpoint
CREATE TABLE "management_keys" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"previous_key_hash" "bytea",
	"previous_valid_until" timestamp with time zone,
	"scopes" text[] NOT NULL,
	"created_by" uuid,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "management_keys_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "management_keys_hash_once_per_tenant" UNIQUE("tenant_id","key_hash"),
	CONSTRAINT "management_keys_previous_hash_once_per_tenant" UNIQUE("tenant_id","previous_key_hash"),
	CONSTRAINT "management_keys_scopes_are_known" CHECK ("management_keys"."scopes" <> '{}' and "management_keys"."scopes" <@ array['users:read', 'users:write', 'wallets:write', 'usage:read']),
	CONSTRAINT "management_keys_previous_secret_ends" CHECK (("management_keys"."previous_key_hash" is null) = ("management_keys"."previous_valid_until" is null))
);
--> statement-breakpoint
ALTER TABLE "management_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "audit_log" ALTER COLUMN "actor_user_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "audit_log" ADD COLUMN "management_key_id" uuid DEFAULT app.management_key_id();--> statement-breakpoint
ALTER TABLE "management_keys" ADD CONSTRAINT "management_keys_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "management_keys_name_once_per_tenant" ON "management_keys" USING btree ("tenant_id","name") WHERE revoked_at is null;--> statement-breakpoint
CREATE INDEX "audit_log_of_all_tenants" ON "audit_log" USING btree ("id");--> statement-breakpoint
ALTER TABLE "audit_log" ADD CONSTRAINT "audit_log_names_one_actor" CHECK (num_nonnulls("audit_log"."actor_user_id", "audit_log"."management_key_id") = 1);--> statement-breakpoint
CREATE POLICY "Management keys make plain users of their tenant" ON "users" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("users"."tenant_id" = (select app.tenant_id())) and ((select app.has_scope('users:write'))) and ("users"."role" = 'user'));--> statement-breakpoint
CREATE POLICY "Management keys change plain users of their tenant" ON "users" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("users"."tenant_id" = (select app.tenant_id())) and ((select app.has_scope('users:write'))) and ("users"."role" = 'user')) WITH CHECK (("users"."tenant_id" = (select app.tenant_id())) and ((select app.has_scope('users:write'))) and ("users"."role" = 'user'));--> statement-breakpoint
CREATE POLICY "Management keys lock policies and change none" ON "level_token_policies" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("level_token_policies"."tenant_id" = (select app.tenant_id())) and ((select app.has_scope('users:write')))) WITH CHECK (false);--> statement-breakpoint
CREATE POLICY "Admins see their tenant's management keys" ON "management_keys" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("management_keys"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin') end);--> statement-breakpoint
CREATE POLICY "Admins make management keys, in their own name" ON "management_keys" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("management_keys"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin') and ("management_keys"."created_by" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Admins revoke their tenant's management keys" ON "management_keys" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("management_keys"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) WITH CHECK (("management_keys"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin'));--> statement-breakpoint
ALTER POLICY "Users see their own executions, admins their tenant's" ON "ai_executions" TO app_worker USING (case when (select app.role()) = 'superadmin' then true else ("ai_executions"."tenant_id" = (select app.tenant_id())) and (("ai_executions"."user_id" = (select app.user_id())) or ((select app.role()) in ('admin', 'service')) or ((select app.has_scope('usage:read')))) end);--> statement-breakpoint
ALTER POLICY "Users see what they did, admins all of their tenant" ON "audit_log" TO app_worker USING (case when (select app.role()) = 'superadmin' then true else ("audit_log"."tenant_id" = (select app.tenant_id())) and (("audit_log"."actor_user_id" = (select app.user_id())) or ((select app.role()) = 'admin') or ("audit_log"."management_key_id" = (select app.management_key_id()))) end);--> statement-breakpoint
ALTER POLICY "An entry names the person acting, in the role they have, at this moment" ON "audit_log" TO app_worker WITH CHECK (("audit_log"."tenant_id" = (select app.tenant_id())) and (("audit_log"."actor_user_id" = (select app.user_id())) or ((select app.role()) = 'service') or ((select app.role()) = 'management_key')) and ("audit_log"."management_key_id" is not distinct from (select app.management_key_id())) and ("audit_log"."actor_role" = (select app.actor_role())) and ("audit_log"."acting_session_id" is not distinct from (select app.acting_session_id())) and ("audit_log"."at" = now()));--> statement-breakpoint
ALTER POLICY "Users see themselves, admins their tenant" ON "users" TO app_worker USING (case when (select app.role()) = 'superadmin' then true else ("users"."tenant_id" = (select app.tenant_id())) and (("users"."id" = (select app.user_id())) or ((select app.role()) in ('admin', 'service')) or ((select app.role()) = 'management_key')) end);--> statement-breakpoint
ALTER POLICY "Users see their own ledger, admins their tenant's" ON "user_token_ledger" TO app_worker USING (case when (select app.role()) = 'superadmin' then true else ("user_token_ledger"."tenant_id" = (select app.tenant_id())) and (("user_token_ledger"."user_id" = (select app.user_id())) or ((select app.role()) in ('admin', 'service')) or ((select app.has_scope('usage:read')))) end);--> statement-breakpoint
ALTER POLICY "Users see their own override, admins their tenant's" ON "user_token_policies" TO app_worker USING (case when (select app.role()) = 'superadmin' then true else ("user_token_policies"."tenant_id" = (select app.tenant_id())) and (("user_token_policies"."user_id" = (select app.user_id())) or ((select app.role()) in ('admin', 'service')) or ((select app.role()) = 'management_key')) end);--> statement-breakpoint
ALTER POLICY "Users see their own wallet, admins their tenant's" ON "user_token_wallets" TO app_worker USING (case when (select app.role()) = 'superadmin' then true else ("user_token_wallets"."tenant_id" = (select app.tenant_id())) and (("user_token_wallets"."user_id" = (select app.user_id())) or ((select app.role()) in ('admin', 'service')) or ((select app.has_scope('users:read'))) or ((select app.has_scope('usage:read')))) end);
--> statement-breakpoint
alter table management_keys force row level security;
--> statement-breakpoint
create policy "The owner maintains, on purpose" on management_keys to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
revoke all on management_keys from public;
--> statement-breakpoint
-- A hash is written and never read back: the functions below alone compare it.
grant select (tenant_id, id, name, prefix, scopes, previous_valid_until, created_by, expires_at, revoked_at, last_used_at, created_at),
  insert (tenant_id, id, name, prefix, key_hash, scopes, created_by, expires_at), update (revoked_at)
  on management_keys to app_worker;
--> statement-breakpoint
-- Finds a key of a tenant by its hash, before any context can exist. Notes its use at most once a minute, and not at all while another
-- request does.
create function app.find_management_key(asked_tenant_id uuid, asked_hash bytea)
returns table (management_key_id uuid, scopes text[], expires_at timestamptz, revoked_at timestamptz, tenant_status text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
begin
  perform set_config('app.role', 'operator', true);
  update public.management_keys set last_used_at = now() where ctid = (
    select k.ctid from public.management_keys k
      where k.tenant_id = asked_tenant_id
        and (k.key_hash = asked_hash or (k.previous_key_hash = asked_hash and k.previous_valid_until > now()))
        and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute')
      for no key update skip locked);
  return query
    select k.id, k.scopes, k.expires_at, k.revoked_at, t.status
    from public.management_keys k join public.tenants t on t.id = k.tenant_id
    where k.tenant_id = asked_tenant_id
      and (k.key_hash = asked_hash or (k.previous_key_hash = asked_hash and k.previous_valid_until > now()));
  perform set_config('app.role', role_before, true);
end
$$;
--> statement-breakpoint
-- As a server of the tenant. VS404: the tenant is not active. VS405: no such key here. VS406: revoked. VS407: expired.
create function app.enter_management_key(entered_tenant_id uuid, asked_hash bytea)
returns table (management_key_id uuid, scopes text[]) language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  found_key record;
begin
  perform app.assert_safe_role();
  select k.* into found_key from app.find_management_key(entered_tenant_id, asked_hash) k;
  if not found then
    raise exception 'no such management key in this tenant' using errcode = 'VS405';
  elsif found_key.revoked_at is not null then
    raise exception 'the management key was revoked' using errcode = 'VS406';
  elsif found_key.expires_at <= now() then
    raise exception 'the management key has expired' using errcode = 'VS407';
  elsif found_key.tenant_status <> 'active' then
    raise exception 'the tenant is suspended' using errcode = 'VS404';
  end if;
  perform set_config('app.tenant_id', entered_tenant_id::text, true);
  perform set_config('app.user_id', '', true);
  perform set_config('app.management_key_id', found_key.management_key_id::text, true);
  perform set_config('app.scopes', array_to_string(found_key.scopes, ','), true);
  perform set_config('app.role', 'management_key', true);
  return query select found_key.management_key_id, found_key.scopes;
end
$$;
--> statement-breakpoint
-- Moves the hash to `previous_key_hash`, for a grace period in seconds: the Worker may not read it, so it cannot move it. Only admins of
-- the tenant may, and only a key that still lives. False when there is none.
create function app.rotate_management_key(rotated_id uuid, new_prefix text, new_hash bytea, grace_s integer)
returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  rotated boolean;
begin
  if role_before <> 'admin' or app.acting_session_id() is not null then
    raise exception 'only admins of the tenant rotate its management keys' using errcode = 'VS010';
  end if;
  perform set_config('app.role', 'operator', true);
  update public.management_keys k
    set previous_key_hash = case when grace_s > 0 then k.key_hash end,
        previous_valid_until = case when grace_s > 0 then now() + make_interval(secs => grace_s) end,
        key_hash = new_hash, prefix = new_prefix
    where k.tenant_id = app.tenant_id() and k.id = rotated_id
      and k.revoked_at is null and (k.expires_at is null or k.expires_at > now());
  rotated := found;
  perform set_config('app.role', role_before, true);
  return rotated;
end
$$;
--> statement-breakpoint
create or replace function app.refuse_self_government() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(app.role(), '') not in ('admin', 'superadmin', 'operator', 'management_key') then
    raise exception 'only administrators change the status, the level or the role of a user' using errcode = 'VS004';
  elsif app.role() = 'management_key' and (old.role <> 'user' or new.role <> 'user') then
    raise exception 'management keys change plain users only' using errcode = 'VS004';
  elsif app.role() <> 'operator' and new.id = app.user_id() then
    raise exception 'nobody changes their own status, level or role' using errcode = 'VS004';
  elsif app.role() = 'admin' and 'superadmin' in (old.role, new.role) then
    raise exception 'nobody changes a role above their own' using errcode = 'VS004';
  elsif new.role = 'superadmin' and new.tenant_id <> app.platform_tenant_id() then
    raise exception 'superadmins belong to the platform' using errcode = 'VS021';
  end if;
  return new;
end
$$;
--> statement-breakpoint
create or replace function app.tables_emptied_with_tenant() returns text[] language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select array['ai_execution_contents', 'api_keys', 'invitations', 'account_tokens', 'audit_clients', 'sessions', 'user_factors',
    'recovery_codes', 'user_identities', 'sign_in_providers', 'management_keys']
$$;
--> statement-breakpoint
revoke execute on function app.has_scope(text), app.management_key_id(), app.find_management_key(uuid, bytea),
  app.enter_management_key(uuid, bytea), app.rotate_management_key(uuid, text, bytea, integer) from public;
--> statement-breakpoint
grant execute on function app.has_scope(text), app.management_key_id(), app.find_management_key(uuid, bytea),
  app.enter_management_key(uuid, bytea), app.rotate_management_key(uuid, text, bytea, integer) to app_worker;
