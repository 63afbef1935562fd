CREATE TABLE "sign_in_providers" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"issuer" text NOT NULL,
	"client_id" text NOT NULL,
	"client_secret_ciphertext" text NOT NULL,
	"client_secret_version" integer DEFAULT 1 NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"email_domains" text[],
	"creates_accounts" boolean DEFAULT false NOT NULL,
	"trusts_addresses" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sign_in_providers_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "sign_in_providers_name_once_per_tenant" UNIQUE("tenant_id","name"),
	CONSTRAINT "sign_in_providers_kind_is_known" CHECK ("sign_in_providers"."kind" in ('google', 'oidc')),
	CONSTRAINT "sign_in_providers_name_is_short" CHECK (char_length("sign_in_providers"."name") between 1 and 60),
	CONSTRAINT "sign_in_providers_issuer_is_https" CHECK ("sign_in_providers"."issuer" ~ '^(https://|http://(localhost|127[.]0[.]0[.]1)[:/])')
);
--> statement-breakpoint
ALTER TABLE "sign_in_providers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "user_identities" (
	"tenant_id" uuid NOT NULL,
	"provider_id" uuid NOT NULL,
	"subject" text NOT NULL,
	"user_id" uuid NOT NULL,
	"email" text,
	"ticket_hash" "bytea",
	"ticket_expires_at" timestamp with time zone,
	"last_used_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_identities_tenant_id_provider_id_subject_pk" PRIMARY KEY("tenant_id","provider_id","subject"),
	CONSTRAINT "user_identities_one_per_user_and_provider" UNIQUE("tenant_id","user_id","provider_id"),
	CONSTRAINT "user_identities_ticket_once_per_tenant" UNIQUE("tenant_id","ticket_hash"),
	CONSTRAINT "user_identities_subject_is_short" CHECK (char_length("user_identities"."subject") between 1 and 255),
	CONSTRAINT "user_identities_ticket_has_an_end" CHECK (("user_identities"."ticket_hash" is null) = ("user_identities"."ticket_expires_at" is null))
);
--> statement-breakpoint
ALTER TABLE "user_identities" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "has_password" boolean GENERATED ALWAYS AS (password_hash <> '-') STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "closed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "closed_hashes" "bytea"[];--> statement-breakpoint
CREATE INDEX "users_closed" ON "users" USING btree ("tenant_id","closed_at") WHERE closed_at is not null;--> statement-breakpoint
ALTER TABLE "sign_in_providers" ADD CONSTRAINT "sign_in_providers_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_identities" ADD CONSTRAINT "user_identities_of_a_provider" FOREIGN KEY ("tenant_id","provider_id") REFERENCES "public"."sign_in_providers"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_identities" ADD CONSTRAINT "user_identities_of_a_user" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_closed_are_disabled" CHECK ("users"."closed_at" is null or "users"."status" = 'disabled');--> statement-breakpoint
CREATE POLICY "Admins and the service see the identity providers of their tenant" ON "sign_in_providers" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("sign_in_providers"."tenant_id" = (select app.tenant_id())) and ((select app.role()) in ('admin', 'service')) end);--> statement-breakpoint
CREATE POLICY "Admins add identity providers to their tenant" ON "sign_in_providers" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK ((("sign_in_providers"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Admins change their tenant's identity providers" ON "sign_in_providers" AS PERMISSIVE FOR UPDATE TO "app_worker" USING ((("sign_in_providers"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin')) WITH CHECK ((("sign_in_providers"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Admins remove their tenant's identity providers" ON "sign_in_providers" AS PERMISSIVE FOR DELETE TO "app_worker" USING ((("sign_in_providers"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Users see the identities of their account, admins those of their tenant" ON "user_identities" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("user_identities"."tenant_id" = (select app.tenant_id())) and (("user_identities"."user_id" = (select app.user_id())) or ((select app.role()) in ('admin', 'service'))) end);
--> statement-breakpoint
alter table sign_in_providers force row level security;
--> statement-breakpoint
alter table user_identities force row level security;
--> statement-breakpoint
create policy "The owner maintains, on purpose" on sign_in_providers to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
create policy "The owner maintains, on purpose" on user_identities to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
revoke all on sign_in_providers, user_identities from public;
--> statement-breakpoint
grant select, insert, update, delete on sign_in_providers to app_worker;
--> statement-breakpoint
-- The hash of a ticket is known to the functions below alone.
grant select (tenant_id, provider_id, subject, user_id, email, last_used_at, created_at) on user_identities to app_worker;
--> statement-breakpoint
grant select (has_password, closed_at) on users to app_worker;
--> statement-breakpoint
create trigger touch_updated_at before update on sign_in_providers for each row execute function app.touch_updated_at();
--> statement-breakpoint

-- A closed account stays closed (VS024).
create function app.keep_closed() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'the account is closed' using errcode = 'VS024';
end
$$;
--> statement-breakpoint
create trigger keep_closed before update of status, role, level_id, allocation_awaits on users
  for each row when (old.closed_at is not null and (old.status is distinct from new.status or old.role is distinct from new.role
    or old.level_id is distinct from new.level_id or old.allocation_awaits is distinct from new.allocation_awaits))
  execute function app.keep_closed();
--> statement-breakpoint

-- What is kept of a closed account to know it again, so that nobody gets an allocation twice by closing and making it anew: hashes of its
-- address and of its identities, within the tenant, for 400 days. The Worker's role cannot read them.
create function app.hash_of_address(of_tenant_id uuid, address text) returns bytea language sql stable
  return sha256(convert_to(of_tenant_id || '/address/' || address, 'UTF8'));
--> statement-breakpoint
create function app.hash_of_identity(of_tenant_id uuid, of_provider_id uuid, subject text) returns bytea language sql stable
  return sha256(convert_to(of_tenant_id || '/identity/' || of_provider_id || '/' || subject, 'UTF8'));
--> statement-breakpoint
-- True if one of the hashes is of an account that was closed within the last 400 days. Part of the functions around it, as the operator.
create function app.closed_lately(of_tenant_id uuid, hashes bytea[]) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (select from public.users u
    where u.tenant_id = of_tenant_id and u.closed_at > now() - interval '400 days' and u.closed_hashes && hashes);
end
$$;
--> statement-breakpoint
-- What an allocation waits for once the address is verified. Part of the functions around it, as the operator.
create function app.awaits_when_verified(of_tenant_id uuid, awaits text, hashes bytea[]) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if awaits is distinct from 'verification' then
    return awaits;
  end if;
  return case when app.closed_lately(of_tenant_id, hashes) then 'approval' end;
end
$$;
--> statement-breakpoint
-- What the allocation of somebody who registers in the service's tenant waits for. Where it is the verification, the answer of that is
-- given then: an account that waits for it cannot be used. VS010: only the service, which registers people.
create function app.awaits_of_newcomer(asked_email text) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  here uuid := app.tenant_id();
  awaits text;
begin
  if role_before <> 'service' then
    raise exception 'only the service registers people' using errcode = 'VS010';
  end if;
  perform set_config('app.role', 'operator', true);
  select nullif(t.allocation_after, 'registration') into awaits from public.tenants t where t.id = here;
  if awaits is null and app.closed_lately(here, array[app.hash_of_address(here, asked_email)]) then
    awaits := 'approval';
  end if;
  perform set_config('app.role', role_before, true);
  return awaits;
end
$$;
--> statement-breakpoint
-- The erasure of a tenant writes another address into each account: what was kept of it goes as well.
create function app.forget_closed_hashes() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.closed_hashes := null;
  return new;
end
$$;
--> statement-breakpoint
create trigger forget_closed_hashes before update of email on users
  for each row when (old.closed_hashes is not null and new.email is distinct from old.email)
  execute function app.forget_closed_hashes();
--> statement-breakpoint
-- Finds or makes the user of an identity at one of the tenant's providers, and notes the ticket that ends the sign-in within a minute.
-- The outcome says what happened:
-- known: the identity was linked before. linked: the address has an account, which was verified. reclaimed: it has one whose address
-- was never verified, so somebody else may have registered it: its password, sessions, keys and links end. created: a new account.
-- Without a user: unproved: the address is not known to be theirs. unknown: there is no account, and none may be made. conflict: the
-- account is linked to another identity of the provider. disabled: the account is.
create function app.sign_in_by_identity(
  asked_provider_id uuid, asked_subject text, asked_email text, asked_name text, is_proved boolean, may_create boolean,
  new_user_id uuid, new_ticket_hash bytea, worker_now_s bigint
)
returns table (user_id uuid, outcome text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  here uuid := app.tenant_id();
  account record;
  found_outcome text := 'known';
  hashes bytea[] := array[app.hash_of_address(here, asked_email), app.hash_of_identity(here, asked_provider_id, asked_subject)];
begin
  if role_before <> 'service' then
    raise exception 'only the service signs in by identities' using errcode = 'VS010';
  end if;
  perform set_config('app.role', 'operator', true);
  -- Sign-ins of one identity, or of one address, wait for each other.
  perform pg_advisory_xact_lock(hashtextextended('app.sign_in_by_identity/' || here || coalesce(asked_email, asked_subject), 0));
  select u.id, u.status, u.email_verified_at into account
    from public.user_identities i join public.users u on u.tenant_id = i.tenant_id and u.id = i.user_id
    where i.tenant_id = here and i.provider_id = asked_provider_id and i.subject = asked_subject;
  if account.id is null then
    if asked_email is null or not is_proved then
      found_outcome := 'unproved';
    else
      select u.id, u.status, u.email_verified_at into account from public.users u
        where u.tenant_id = here and u.email = asked_email for no key update;
      found_outcome := case
        when account.id is null then case when may_create then 'created' else 'unknown' end
        when account.status = 'disabled' then 'disabled'
        when exists (select from public.user_identities i
          where i.tenant_id = here and i.provider_id = asked_provider_id and i.user_id = account.id) then 'conflict'
        when account.email_verified_at is null then 'reclaimed'
        else 'linked' end;
    end if;
  elsif account.status = 'disabled' then
    found_outcome := 'disabled';
  end if;
  if found_outcome in ('unproved', 'unknown', 'disabled', 'conflict') then
    perform set_config('app.role', role_before, true);
    return query select null::uuid, found_outcome;
    return;
  end if;
  if found_outcome = 'created' then
    insert into public.users (tenant_id, id, email, name, password_hash, level_id, email_verified_at, allocation_awaits)
      select here, new_user_id, asked_email, asked_name, '-', l.id, now(),
        case when t.allocation_after = 'approval' or app.closed_lately(here, hashes) then 'approval' end
      from public.levels l join public.tenants t on t.id = l.tenant_id where l.tenant_id = here and l.is_default;
    account.id := new_user_id;
  elsif found_outcome = 'reclaimed' then
    perform app.replace_password(here, account.id, '-', worker_now_s);
    update public.users u set email_verified_at = now(), allocation_awaits = app.awaits_when_verified(here, u.allocation_awaits, hashes)
      where u.tenant_id = here and u.id = account.id;
    delete from public.account_tokens t where t.tenant_id = here and t.user_id = account.id;
    delete from public.user_factors f where f.tenant_id = here and f.user_id = account.id;
    delete from public.recovery_codes c where c.tenant_id = here and c.user_id = account.id;
    update public.api_keys k set revoked_at = now()
      where k.tenant_id = here and k.user_id = account.id and k.revoked_at is null;
  end if;
  insert into public.user_identities as i (tenant_id, provider_id, subject, user_id, email, ticket_hash, ticket_expires_at)
    -- Later than a sign-out of this moment, which the ticket would not outlive.
    select here, asked_provider_id, asked_subject, account.id, asked_email, new_ticket_hash,
        greatest(now(), u.signed_out_at + interval '1 microsecond') + interval '1 minute'
      from public.users u where u.tenant_id = here and u.id = account.id
    on conflict (tenant_id, provider_id, subject) do update set email = coalesce(excluded.email, i.email),
      ticket_hash = excluded.ticket_hash, ticket_expires_at = excluded.ticket_expires_at;
  perform set_config('app.role', role_before, true);
  return query select account.id, found_outcome;
end
$$;
--> statement-breakpoint
-- Uses a ticket up. Of several requests with the same ticket, one succeeds. VS409: no such ticket in this tenant, it has ended, its user
-- signed out everywhere since, or its user or provider was disabled.
create function app.use_sign_in_ticket(asked_hash bytea)
returns table (user_id uuid, provider_id uuid, provider_name text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  used record;
begin
  if role_before <> 'service' then
    raise exception 'only the service uses tickets' using errcode = 'VS010';
  end if;
  perform set_config('app.role', 'operator', true);
  update public.user_identities i set ticket_hash = null, ticket_expires_at = null, last_used_at = now()
    from public.sign_in_providers p, public.users u
    where i.tenant_id = app.tenant_id() and i.ticket_hash = asked_hash and i.ticket_expires_at > now()
      and p.tenant_id = i.tenant_id and p.id = i.provider_id and p.enabled
      and u.tenant_id = i.tenant_id and u.id = i.user_id and u.status = 'active'
      -- A ticket lasts a minute.
      and (u.signed_out_at is null or i.ticket_expires_at - interval '1 minute' > u.signed_out_at)
    returning i.user_id, i.provider_id, p.name into used;
  if used.user_id is null then
    raise exception 'no such ticket in this tenant' using errcode = 'VS409';
  end if;
  perform set_config('app.role', role_before, true);
  return query select used.user_id, used.provider_id, used.name;
end
$$;
--> statement-breakpoint
-- Unlinks an identity of the transaction's user. Returns nothing if there is none. VS025: it is their only way to sign in.
create function app.unlink_identity(asked_provider_id uuid)
returns table (provider_name text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  account record;
  unlinked text;
begin
  if role_before not in ('user', 'admin', 'superadmin') or app.user_id() is null or app.acting_session_id() is not null then
    raise exception 'only users unlink their identities' using errcode = 'VS010';
  end if;
  perform set_config('app.role', 'operator', true);
  select u.id, u.has_password into account from public.users u
    where u.tenant_id = app.tenant_id() and u.id = app.user_id() for no key update;
  delete from public.user_identities i using public.sign_in_providers p
    where i.tenant_id = app.tenant_id() and i.user_id = account.id and i.provider_id = asked_provider_id
      and p.tenant_id = i.tenant_id and p.id = i.provider_id
    returning p.name into unlinked;
  if unlinked is not null then
    if not account.has_password and not exists (
      select from public.user_identities i join public.sign_in_providers p on p.tenant_id = i.tenant_id and p.id = i.provider_id
      where i.tenant_id = app.tenant_id() and i.user_id = account.id and p.enabled
    ) then
      raise exception 'this is the only way to sign in' using errcode = 'VS025';
    end if;
    return query select unlinked;
  end if;
  perform set_config('app.role', role_before, true);
end
$$;
--> statement-breakpoint
-- Closes the account of the transaction's user: ends sessions and keys, and removes what is personal. Ledger and figures stay, by the
-- id. Returns the second up to which sessions are ended. VS010: nobody has entered as a user of this tenant. VS020: they are its last
-- active administrator, which app.keep_an_admin does not ask here, where the owner writes.
create function app.close_own_account(worker_now_s bigint) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  here uuid := app.tenant_id();
  closing uuid := app.user_id();
  kept_roles text[] := case when role_before = 'superadmin' then array['superadmin'] else array['admin', 'superadmin'] end;
  signed_out_at_s bigint;
begin
  if role_before not in ('user', 'admin', 'superadmin') or closing is null or app.acting_session_id() is not null then
    raise exception 'only users close their account' using errcode = 'VS010';
  end if;
  perform set_config('app.role', 'operator', true);
  if role_before <> 'user' then
    perform pg_advisory_xact_lock(hashtextextended('app.keep_an_admin/' || here, 0));
    if not exists (select from public.users u
      where u.tenant_id = here and u.id <> closing and u.status = 'active' and u.role = any (kept_roles)) then
      raise exception 'the last active administrator stays' using errcode = 'VS020';
    end if;
  end if;
  signed_out_at_s := app.replace_password(here, closing, '-', worker_now_s);
  delete from public.invitations i using public.users u
    where u.tenant_id = here and u.id = closing and i.tenant_id = here and i.email = u.email;
  update public.users u set email = 'closed-' || u.id || '@deleted.invalid', name = null, email_verified_at = null,
      status = 'disabled', closed_at = now(),
      closed_hashes = app.hash_of_address(here, u.email) || array(
        select app.hash_of_identity(here, i.provider_id, i.subject) from public.user_identities i
        where i.tenant_id = here and i.user_id = closing)
    where u.tenant_id = here and u.id = closing;
  update public.users u set closed_hashes = null
    where u.tenant_id = here and u.closed_at <= now() - interval '400 days' and u.closed_hashes is not null;
  delete from public.account_tokens t where t.tenant_id = here and t.user_id = closing;
  delete from public.user_identities i where i.tenant_id = here and i.user_id = closing;
  delete from public.user_factors f where f.tenant_id = here and f.user_id = closing;
  delete from public.recovery_codes r where r.tenant_id = here and r.user_id = closing;
  delete from public.sessions s where s.tenant_id = here and s.user_id = closing;
  delete from public.api_keys k where k.tenant_id = here and k.user_id = closing;
  delete from public.ai_execution_contents c where c.tenant_id = here and c.user_id = closing;
  -- Executions that still run store nothing when they end.
  insert into public.ai_execution_contents (tenant_id, execution_id, user_id, expires_at)
    select e.tenant_id, e.id, e.user_id, now() + interval '2 hours' from public.ai_executions e
    where e.tenant_id = here and e.user_id = closing and e.status = 'running'
    on conflict do nothing;
  perform set_config('app.role', role_before, true);
  return signed_out_at_s;
end
$$;
--> statement-breakpoint
create or replace function app.tables_emptied_with_tenant() returns text[] language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select array['ai_execution_contents', 'api_keys', 'invitations', 'account_tokens', 'audit_clients', 'sessions',
    'user_identities', 'sign_in_providers']
$$;
--> statement-breakpoint
revoke execute on function app.hash_of_address(uuid, text), app.hash_of_identity(uuid, uuid, text), app.closed_lately(uuid, bytea[]),
  app.awaits_when_verified(uuid, text, bytea[]), app.awaits_of_newcomer(text), app.forget_closed_hashes(), app.keep_closed(), app.close_own_account(bigint), app.unlink_identity(uuid), app.use_sign_in_ticket(bytea),
  app.sign_in_by_identity(uuid, text, text, text, boolean, boolean, uuid, bytea, bigint) from public;
--> statement-breakpoint
grant execute on function app.awaits_of_newcomer(text), app.close_own_account(bigint), app.unlink_identity(uuid), app.use_sign_in_ticket(bytea),
  app.sign_in_by_identity(uuid, text, text, text, boolean, boolean, uuid, bytea, bigint) to app_worker;
