CREATE TABLE "account_tokens" (
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"new_email" text,
	"mail_id" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "account_tokens_tenant_id_user_id_purpose_pk" PRIMARY KEY("tenant_id","user_id","purpose"),
	CONSTRAINT "account_tokens_hash_once_per_tenant" UNIQUE("tenant_id","token_hash"),
	CONSTRAINT "account_tokens_purpose_is_known" CHECK ("account_tokens"."purpose" in ('verify_email', 'reset_password', 'change_email')),
	CONSTRAINT "account_tokens_only_a_change_has_an_address" CHECK (("account_tokens"."purpose" = 'change_email') = ("account_tokens"."new_email" is not null)),
	CONSTRAINT "account_tokens_email_is_lower_case" CHECK ("account_tokens"."new_email" = lower("account_tokens"."new_email"))
);
--> statement-breakpoint
ALTER TABLE "account_tokens" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "allocation_after" text DEFAULT 'registration' NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "email_verified_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "allocation_awaits" text;--> statement-breakpoint
ALTER TABLE "account_tokens" ADD CONSTRAINT "account_tokens_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_allocation_after_is_known" CHECK ("tenants"."allocation_after" in ('registration', 'verification', 'approval'));--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_allocation_awaits_is_known" CHECK ("users"."allocation_awaits" in ('verification', 'approval'));--> statement-breakpoint
ALTER TABLE "invitations" ADD COLUMN "is_mailed" boolean DEFAULT false NOT NULL;
--> statement-breakpoint
alter table account_tokens force row level security;
--> statement-breakpoint
create policy "The owner maintains, on purpose" on account_tokens to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
-- The Worker has no right to the table: a token is known by its hash to the functions below alone.
revoke all on account_tokens from public;
--> statement-breakpoint
grant select (email_verified_at, allocation_awaits), insert (allocation_awaits), update (allocation_awaits, name) on users
  to app_worker;
--> statement-breakpoint
grant insert (is_mailed) on invitations to app_worker;
--> statement-breakpoint
grant update (allocation_after) on tenants to app_worker;
--> statement-breakpoint

-- Nobody gives themselves their allocation.
drop trigger refuse_self_government on users;
--> statement-breakpoint
create trigger refuse_self_government before update of status, level_id, role, allocation_awaits on users
  for each row when (
    old.status is distinct from new.status or old.level_id is distinct from new.level_id
    or old.role is distinct from new.role or old.allocation_awaits is distinct from new.allocation_awaits
  ) execute function app.refuse_self_government();
--> statement-breakpoint
-- What the allocation waits for decides about the policy of the wallet, so it is part of the policy's version.
drop trigger touch_policy_changed_at on users;
--> statement-breakpoint
create trigger touch_policy_changed_at before update of level_id, allocation_awaits on users
  for each row when (
    old.level_id is distinct from new.level_id or old.allocation_awaits is distinct from new.allocation_awaits
  ) execute function app.touch_policy_changed_at();
--> statement-breakpoint

-- Makes a token for an active user of the service's tenant, by id or by email, in place of an earlier one of the same purpose. Returns
-- the address to mail it to: the new one of a change. Nothing for an unknown user, for a verification that is done, for a new address
-- that another account has, and within a minute of another mail of that purpose.
create function app.issue_account_token(
  asked_user_id uuid, asked_email text, asked_purpose text, asked_hash bytea, asked_new_email text, asked_mail_id text,
  lifetime_minutes integer
)
returns table (user_id uuid, recipient text, name text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  owner record;
begin
  if role_before <> 'service' then
    raise exception 'only the service makes tokens' using errcode = 'VS010';
  end if;
  perform set_config('app.role', 'operator', true);
  select u.id, u.email, u.name into owner from public.users u
    where u.tenant_id = app.tenant_id() and u.status = 'active'
      and (u.id = asked_user_id or u.email = asked_email)
      and (asked_purpose <> 'verify_email' or u.email_verified_at is null)
      and (asked_new_email is null or not exists (
        select from public.users taken where taken.tenant_id = u.tenant_id and taken.email = asked_new_email));
  if owner.id is not null then
    insert into public.account_tokens as t (tenant_id, user_id, purpose, token_hash, new_email, mail_id, expires_at)
      values (app.tenant_id(), owner.id, asked_purpose, asked_hash, asked_new_email, asked_mail_id,
        now() + make_interval(mins => lifetime_minutes))
      on conflict on constraint account_tokens_tenant_id_user_id_purpose_pk do update
        set token_hash = excluded.token_hash, new_email = excluded.new_email, mail_id = excluded.mail_id,
          expires_at = excluded.expires_at, created_at = now()
        where t.mail_id = excluded.mail_id or t.created_at < now() - interval '1 minute'
          or t.new_email is distinct from excluded.new_email;
    if found then
      return query select owner.id, coalesce(asked_new_email, owner.email), owner.name;
    end if;
  end if;
  perform set_config('app.role', role_before, true);
end
$$;
--> statement-breakpoint
-- Uses a token up and does what it is for. Of several requests with the same token, one succeeds. A new password ends every session
-- issued up to now, by the later of the two clocks, and every other token that could change the account. VS409: no such token here, or
-- it has ended. A unique violation: another account got the address meanwhile.
create function app.use_account_token(
  asked_tenant_id uuid, asked_purpose text, asked_hash bytea, new_password_hash text, worker_now_s bigint
)
returns table (user_id uuid, email_before text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  used record;
  account record;
begin
  perform set_config('app.role', 'operator', true);
  delete from public.account_tokens t
    where t.tenant_id = asked_tenant_id and t.purpose = asked_purpose and t.token_hash = asked_hash and t.expires_at > now()
    returning t.user_id, t.new_email into used;
  select u.id, u.email into account from public.users u
    where u.tenant_id = asked_tenant_id and u.id = used.user_id and u.status = 'active' for no key update;
  if account.id is null then
    raise exception 'no such token in this tenant' using errcode = 'VS409';
  end if;
  update public.users u set
      email = coalesce(used.new_email, u.email),
      -- Whoever has the link receives mail at the address that it was sent to.
      email_verified_at = case when used.new_email is null then coalesce(u.email_verified_at, now()) else now() end,
      allocation_awaits = nullif(u.allocation_awaits, 'verification')
    where u.tenant_id = asked_tenant_id and u.id = account.id;
  if asked_purpose = 'reset_password' then
    perform app.replace_password(asked_tenant_id, account.id, new_password_hash, worker_now_s);
  elsif asked_purpose = 'change_email' then
    delete from public.account_tokens t where t.tenant_id = asked_tenant_id and t.user_id = account.id;
  end if;
  perform set_config('app.role', role_before, true);
  return query select account.id, account.email;
end
$$;
--> statement-breakpoint
-- Part of the functions around it. Sessions that begin within the second of a sign-out are dated a second ahead, so another sign-out in
-- that second ends one second more.
create function app.replace_password(of_tenant_id uuid, of_user_id uuid, new_password_hash text, worker_now_s bigint) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  moment timestamptz := greatest(now(), to_timestamp(worker_now_s));
  signed_out timestamptz;
begin
  update public.users u set password_hash = new_password_hash,
      signed_out_at = greatest(moment, case
        when u.signed_out_at >= date_trunc('second', moment) then u.signed_out_at + interval '1 second' end)
    where u.tenant_id = of_tenant_id and u.id = of_user_id
    returning u.signed_out_at into signed_out;
  delete from public.account_tokens t
    where t.tenant_id = of_tenant_id and t.user_id = of_user_id and t.purpose in ('reset_password', 'change_email');
  return floor(extract(epoch from signed_out))::bigint;
end
$$;
--> statement-breakpoint
-- Replaces the password of the transaction's user and ends their sessions. Returns the second up to which they are ended. VS010: nobody
-- has entered as a user of this tenant.
create function app.set_own_password(new_password_hash text, worker_now_s bigint) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  signed_out_at_s bigint;
begin
  if role_before not in ('user', 'admin', 'superadmin') or app.user_id() is null or app.acting_session_id() is not null then
    raise exception 'only users set their password' using errcode = 'VS010';
  end if;
  perform set_config('app.role', 'operator', true);
  signed_out_at_s := app.replace_password(app.tenant_id(), app.user_id(), new_password_hash, worker_now_s);
  perform set_config('app.role', role_before, true);
  return signed_out_at_s;
end
$$;
--> statement-breakpoint
-- An invitation that was mailed to its address proves the address.
create or replace function app.accept_invitation(
  asked_tenant_id uuid, asked_hash bytea, new_user_id uuid, new_name text, new_password_hash text
)
returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  asked record;
  accepted record;
begin
  select f.invitation_id into asked from app.find_invitation(asked_tenant_id, asked_hash) f;
  perform set_config('app.role', 'operator', true);
  update public.invitations i set accepted_at = now()
    where i.tenant_id = asked_tenant_id and i.id = asked.invitation_id and i.accepted_at is null and i.revoked_at is null
    returning i.id, i.email, i.role, i.level_id, i.is_mailed into accepted;
  if accepted.id is null then
    raise exception 'no such invitation in this tenant' using errcode = 'VS408';
  end if;
  insert into public.users (tenant_id, id, email, name, password_hash, role, level_id, email_verified_at)
    values (asked_tenant_id, new_user_id, accepted.email, new_name, new_password_hash, accepted.role,
      coalesce(accepted.level_id,
        (select l.id from public.levels l where l.tenant_id = asked_tenant_id and l.is_default)),
      case when accepted.is_mailed then now() end);
  update public.invitations i set revoked_at = now()
    where i.tenant_id = asked_tenant_id and i.email = accepted.email and i.accepted_at is null and i.revoked_at is null;
  perform set_config('app.role', role_before, true);
  return accepted.id;
end
$$;
--> statement-breakpoint
drop function app.found_tenant(uuid, text, text, uuid);
--> statement-breakpoint
-- A tenant, its default level and the policy of that level: without one of them its first user could not exist. Superadmins may,
-- and the platform's service for a sign-up, where the platform allows them. VS010: nobody else. VS012: the slug is held for the tenant that had it.
-- VS013: sign-ups are closed. VS014: there were too many today.
create function app.found_tenant(founded_id uuid, founded_slug text, founded_name text, founded_level_id uuid,
  founded_allocation_after text) returns void
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
  insert into public.tenants (id, slug, name, primary_color, registration, signed_up_at, allocation_after)
    values (founded_id, founded_slug, founded_name, '#4f46e5', 'invitation', case when role_before = 'service' then now() end,
      founded_allocation_after);
  insert into public.levels (tenant_id, id, slug, name, is_default)
    values (founded_id, founded_level_id, 'standard', 'Standard', true);
  insert into public.level_token_policies (tenant_id, level_id, mode, allocation_tokens, rollover_cap_tokens, enforcement,
      warning_thresholds_percent, reservation_lifetime_ms, in_flight_max)
    values (founded_id, founded_level_id, 'lifetime', 10000, 0, 'hard', '{80,95}', 120000, 100);
  perform set_config('app.role', role_before, true);
end
$$;
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
revoke execute on function app.issue_account_token(uuid, text, text, bytea, text, text, integer),
  app.use_account_token(uuid, text, bytea, text, bigint), app.replace_password(uuid, uuid, text, bigint),
  app.set_own_password(text, bigint), app.found_tenant(uuid, text, text, uuid, text) from public;
--> statement-breakpoint
grant execute on function app.issue_account_token(uuid, text, text, bytea, text, text, integer),
  app.use_account_token(uuid, text, bytea, text, bigint), app.set_own_password(text, bigint),
  app.found_tenant(uuid, text, text, uuid, text) to app_worker;
