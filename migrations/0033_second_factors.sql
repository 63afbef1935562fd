CREATE TABLE "recovery_codes" (
	"tenant_id" uuid NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"code_hash" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "recovery_codes_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "recovery_codes_once_per_user" UNIQUE("tenant_id","user_id","code_hash")
);
--> statement-breakpoint
ALTER TABLE "recovery_codes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "user_factors" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"secret_ciphertext" text,
	"credential_id" text,
	"public_key" text,
	"sign_count" bigint DEFAULT 0 NOT NULL,
	"transports" text[],
	"hostname" text,
	"used_up_to" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "user_factors_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "user_factors_credential_once_per_tenant" UNIQUE("tenant_id","credential_id"),
	CONSTRAINT "user_factors_kind_is_known" CHECK ("user_factors"."kind" in ('totp', 'passkey')),
	CONSTRAINT "user_factors_app_has_a_secret" CHECK (("user_factors"."kind" = 'totp') = ("user_factors"."secret_ciphertext" is not null)),
	CONSTRAINT "user_factors_passkey_has_a_key" CHECK (("user_factors"."kind" = 'passkey') = ("user_factors"."credential_id" is not null and "user_factors"."public_key" is not null and "user_factors"."hostname" is not null)),
	CONSTRAINT "user_factors_are_short" CHECK (length("user_factors"."name") between 1 and 60 and length("user_factors"."credential_id") <= 1400 and length("user_factors"."public_key") <= 4096 and cardinality("user_factors"."transports") <= 10),
	CONSTRAINT "user_factors_counts_are_safe" CHECK ("user_factors"."sign_count" between 0 and 9007199254740991 and "user_factors"."used_up_to" between 0 and 9007199254740991)
);
--> statement-breakpoint
ALTER TABLE "user_factors" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "require_mfa" text DEFAULT 'off' NOT NULL;--> statement-breakpoint
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_factors" ADD CONSTRAINT "user_factors_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "user_factors_by_user" ON "user_factors" USING btree ("tenant_id","user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "user_factors_one_app_per_user" ON "user_factors" USING btree ("tenant_id","user_id") WHERE kind = 'totp';--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_require_mfa_is_known" CHECK ("tenants"."require_mfa" in ('off', 'admins', 'everyone'));--> statement-breakpoint
CREATE POLICY "Users count their codes, admins those of their tenant" ON "recovery_codes" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("recovery_codes"."tenant_id" = (select app.tenant_id())) and (("recovery_codes"."user_id" = (select app.user_id())) or ((select app.role()) in ('admin', 'service'))) end);--> statement-breakpoint
CREATE POLICY "Users get codes, and the service for those who sign in" ON "recovery_codes" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("recovery_codes"."tenant_id" = (select app.tenant_id())) and ((("recovery_codes"."user_id" = (select app.user_id())) and (not ((select app.acting_session_id()) is not null))) or ((select app.role()) = 'service')));--> statement-breakpoint
CREATE POLICY "Users replace their codes, admins remove those of their tenant" ON "recovery_codes" AS PERMISSIVE FOR DELETE TO "app_worker" USING ((("recovery_codes"."tenant_id" = (select app.tenant_id())) and (("recovery_codes"."user_id" = (select app.user_id())) or ((select app.role()) = 'service') or ((select app.role()) = 'admin'))) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Users see their factors, admins those of their tenant" ON "user_factors" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("user_factors"."tenant_id" = (select app.tenant_id())) and (("user_factors"."user_id" = (select app.user_id())) or ((select app.role()) in ('admin', 'service'))) end);--> statement-breakpoint
CREATE POLICY "Users add factors, and the service for those who sign in" ON "user_factors" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("user_factors"."tenant_id" = (select app.tenant_id())) and ((("user_factors"."user_id" = (select app.user_id())) and (not ((select app.acting_session_id()) is not null))) or ((select app.role()) = 'service')));--> statement-breakpoint
CREATE POLICY "Users rename their factors, and the service uses them" ON "user_factors" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("user_factors"."tenant_id" = (select app.tenant_id())) and ((("user_factors"."user_id" = (select app.user_id())) and (not ((select app.acting_session_id()) is not null))) or ((select app.role()) = 'service'))) WITH CHECK (("user_factors"."tenant_id" = (select app.tenant_id())) and ((("user_factors"."user_id" = (select app.user_id())) and (not ((select app.acting_session_id()) is not null))) or ((select app.role()) = 'service')));--> statement-breakpoint
CREATE POLICY "Users remove their factors, admins those of their tenant" ON "user_factors" AS PERMISSIVE FOR DELETE TO "app_worker" USING ((("user_factors"."tenant_id" = (select app.tenant_id())) and (("user_factors"."user_id" = (select app.user_id())) or ((select app.role()) = 'service') or ((select app.role()) = 'admin'))) or ((select app.role()) = 'superadmin'));
--> statement-breakpoint
alter table user_factors force row level security;
--> statement-breakpoint
create policy "The owner maintains, on purpose" on user_factors to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
alter table recovery_codes force row level security;
--> statement-breakpoint
create policy "The owner maintains, on purpose" on recovery_codes to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
revoke all on user_factors, recovery_codes from public;
--> statement-breakpoint
grant select, insert, update (name, sign_count, used_up_to, last_used_at), delete on user_factors to app_worker;
--> statement-breakpoint
-- The hashes are read by the function below alone.
grant select (tenant_id, id, user_id), insert, delete on recovery_codes to app_worker;
--> statement-breakpoint
grant update (require_mfa) on tenants to app_worker;
--> statement-breakpoint
-- Uses a recovery code up: returns true if the user of the service's tenant had it. Of several requests with one code, one succeeds.
-- VS010: only the service, which signs people in.
create function app.use_recovery_code(asked_user_id uuid, asked_hash bytea) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  is_used boolean;
begin
  if role_before <> 'service' then
    raise exception 'only the service uses recovery codes' using errcode = 'VS010';
  end if;
  perform set_config('app.role', 'operator', true);
  delete from public.recovery_codes c
    where c.tenant_id = app.tenant_id() and c.user_id = asked_user_id and c.code_hash = asked_hash;
  is_used := found;
  perform set_config('app.role', role_before, true);
  return is_used;
end
$$;
--> statement-breakpoint
create or replace function app.tables_emptied_with_tenant() returns text[] language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select array['ai_execution_contents', 'api_keys', 'invitations', 'account_tokens', 'audit_clients', 'sessions', 'user_factors',
    'recovery_codes']
$$;
--> statement-breakpoint
revoke execute on function app.use_recovery_code(uuid, bytea) from public;
--> statement-breakpoint
grant execute on function app.use_recovery_code(uuid, bytea) to app_worker;
--> statement-breakpoint
-- Whoever resets the password of an account whose address was never verified, or uses the link that verifies it, is the first to prove the
-- address. Somebody else may have registered it, so second factors and API keys from before end: `keys_ended`. A reset ends their password
-- too. Nothing ends if the user of the session that uses the link to verify is that of the account: then it is the same person. An account that waited for the verification, and whose address had an account that was closed lately, waits on for approval.
drop function app.use_account_token(uuid, text, bytea, text, bigint);
--> statement-breakpoint
create function app.use_account_token(
  asked_tenant_id uuid, asked_purpose text, asked_hash bytea, new_password_hash text, worker_now_s bigint, signed_in_user_id uuid
)
returns table (user_id uuid, email_before text, keys_ended boolean)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  used record;
  account record;
  is_first_proof boolean;
begin
  perform set_config('app.role', 'operator', true);
  delete from public.account_tokens t
    where t.tenant_id = asked_tenant_id and t.purpose = asked_purpose and t.token_hash = asked_hash and t.expires_at > now()
    returning t.user_id, t.new_email into used;
  select u.id, u.email, u.email_verified_at into account from public.users u
    where u.tenant_id = asked_tenant_id and u.id = used.user_id and u.status = 'active' for no key update;
  if account.id is null then
    raise exception 'no such token in this tenant' using errcode = 'VS409';
  end if;
  update public.users u set
      email = coalesce(used.new_email, u.email),
      -- Whoever has the link receives mail at the address that it was sent to.
      email_verified_at = case when used.new_email is null then coalesce(u.email_verified_at, now()) else now() end,
      allocation_awaits = app.awaits_when_verified(asked_tenant_id, u.allocation_awaits,
        array[app.hash_of_address(asked_tenant_id, coalesce(used.new_email, u.email))])
    where u.tenant_id = asked_tenant_id and u.id = account.id;
  is_first_proof := account.email_verified_at is null and (asked_purpose = 'reset_password'
    or (asked_purpose = 'verify_email' and account.id is distinct from signed_in_user_id));
  if is_first_proof then
    delete from public.user_factors f where f.tenant_id = asked_tenant_id and f.user_id = account.id;
    delete from public.recovery_codes c where c.tenant_id = asked_tenant_id and c.user_id = account.id;
    update public.api_keys k set revoked_at = now()
      where k.tenant_id = asked_tenant_id and k.user_id = account.id and k.revoked_at is null;
  end if;
  if asked_purpose = 'reset_password' then
    perform app.replace_password(asked_tenant_id, account.id, new_password_hash, worker_now_s);
  elsif asked_purpose = 'change_email' then
    delete from public.account_tokens t where t.tenant_id = asked_tenant_id and t.user_id = account.id;
  end if;
  perform set_config('app.role', role_before, true);
  return query select account.id, account.email, is_first_proof;
end
$$;
--> statement-breakpoint
revoke execute on function app.use_account_token(uuid, text, bytea, text, bigint, uuid) from public;
--> statement-breakpoint
grant execute on function app.use_account_token(uuid, text, bytea, text, bigint, uuid) to app_worker;
