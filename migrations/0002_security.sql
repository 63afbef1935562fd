-- Row security binds the table's owner as well. The owner gets in only on purpose: `set_config('app.role', 'operator')`.
do $$
declare
  relation regclass;
begin
  for relation in
    select oid from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
  loop
    execute format('alter table %s enable row level security', relation);
    execute format('alter table %s force row level security', relation);
    execute format(
      'create policy "The owner maintains, on purpose" on %s to current_user using ((select app.role()) = ''operator'') with check ((select app.role()) = ''operator'')',
      relation
    );
  end loop;
end
$$;
--> statement-breakpoint

-- Least privilege: what is not granted here is refused before any policy is asked.
revoke all on all tables in schema public from public;
--> statement-breakpoint
grant select on tenants, tenant_domains, levels, level_token_policies, user_token_policies, user_token_wallets,
  user_token_ledger, ai_providers, ai_models, ai_model_prices, ai_executions, ai_execution_contents, audit_log
  to app_worker;
--> statement-breakpoint
grant select (tenant_id, id, user_id, name, prefix, scopes, expires_at, revoked_at, last_used_at, created_at)
  on api_keys to app_worker;
--> statement-breakpoint
grant select (tenant_id, id, email, name, role, status, level_id, signed_out_at, policy_changed_at, created_at, updated_at),
  insert (tenant_id, id, email, name, password_hash, level_id),
  update (signed_out_at)
  on users to app_worker;
--> statement-breakpoint
grant insert, update on user_token_wallets, ai_executions to app_worker;
--> statement-breakpoint
grant insert on user_token_ledger, audit_log to app_worker;
--> statement-breakpoint
grant insert, delete on ai_execution_contents to app_worker;
--> statement-breakpoint

-- What is written stays written, for everybody, owner included.
create function app.refuse_change() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception '% refuses %', tg_table_name, lower(tg_op) using errcode = 'VS001';
end
$$;
--> statement-breakpoint
do $$
declare
  relation text;
begin
  foreach relation in array array['user_token_ledger', 'audit_log', 'ai_model_prices']
  loop
    execute format(
      'create trigger append_only before update or delete on %I for each row execute function app.refuse_change()', relation
    );
    execute format(
      'create trigger never_truncated before truncate on %I for each statement execute function app.refuse_change()', relation
    );
  end loop;
end
$$;
--> statement-breakpoint
-- Deleting an override would let the policy's version fall, and wallets keep the highest: clear its fields instead.
create trigger never_deleted before delete on user_token_policies
  for each row execute function app.refuse_change();
--> statement-breakpoint
create trigger never_truncated before truncate on user_token_policies
  for each statement execute function app.refuse_change();
--> statement-breakpoint
-- A wallet's entries are one chain. An entry that is there already with another hash, or does not link to its neighbours,
-- comes from a journal that forked: it is refused, in the open, instead of being taken for a duplicate.
create function app.refuse_fork() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from public.user_token_ledger l
    where l.tenant_id = new.tenant_id and l.user_id = new.user_id and l.seq between new.seq - 1 and new.seq + 1
      and case l.seq - new.seq
        when -1 then l.hash <> new.prev_hash
        when 0 then l.hash <> new.hash
        else l.prev_hash <> new.hash
      end
  ) then
    raise exception 'the journal of wallet %/% forks at entry %', new.tenant_id, new.user_id, new.seq
      using errcode = 'VS003';
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger refuse_fork before insert on user_token_ledger
  for each row execute function app.refuse_fork();
--> statement-breakpoint
create function app.touch_updated_at() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.updated_at = clock_timestamp();
  return new;
end
$$;
--> statement-breakpoint
do $$
declare
  relation text;
begin
  for relation in
    select table_name from information_schema.columns where table_schema = 'public' and column_name = 'updated_at'
  loop
    execute format(
      'create trigger touch_updated_at before update on %I for each row execute function app.touch_updated_at()', relation
    );
  end loop;
end
$$;
--> statement-breakpoint
-- A user's level decides the wallet's policy, so changing it is a new version of the policy.
create function app.touch_policy_changed_at() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.policy_changed_at = clock_timestamp();
  return new;
end
$$;
--> statement-breakpoint
create trigger touch_policy_changed_at before update of level_id on users
  for each row when (old.level_id is distinct from new.level_id) execute function app.touch_policy_changed_at();
--> statement-breakpoint

-- Entering a context. Each function is the first statement of a transaction; the settings end with it.
create function app.assert_safe_role() returns void language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from pg_roles where rolname in (current_user, session_user) and (rolsuper or rolbypassrls)
  ) then
    raise exception 'role % bypasses row security: serve as app_worker', session_user using errcode = 'VS002';
  end if;
end
$$;
--> statement-breakpoint
-- As a person. VS401: no such user here. VS402: signed out since the token was issued. VS403: disabled. VS404: suspended.
-- Reads the user as the user, so no right beyond their own is needed to find out who they are.
create function app.enter(entered_tenant_id uuid, entered_user_id uuid, issued_at_s bigint)
returns table (role text, tenant_id uuid, user_id uuid) language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  person record;
begin
  perform app.assert_safe_role();
  perform set_config('app.tenant_id', entered_tenant_id::text, true);
  perform set_config('app.user_id', entered_user_id::text, true);
  perform set_config('app.role', 'user', true);
  select u.role, u.status, floor(extract(epoch from u.signed_out_at)) as signed_out_at_s, t.status as tenant_status
    into person
    from public.users u join public.tenants t on t.id = u.tenant_id
    where u.tenant_id = entered_tenant_id and u.id = entered_user_id;
  if not found then
    raise exception 'no such user in this tenant' using errcode = 'VS401';
  elsif person.tenant_status <> 'active' then
    raise exception 'the tenant is suspended' using errcode = 'VS404';
  elsif person.status <> 'active' then
    raise exception 'the user is disabled' using errcode = 'VS403';
  elsif issued_at_s <= person.signed_out_at_s then
    raise exception 'the session was signed out' using errcode = 'VS402';
  end if;
  perform set_config('app.role', person.role, true);
  return query select person.role, entered_tenant_id, entered_user_id;
end
$$;
--> statement-breakpoint
-- As the service, inside one tenant.
create function app.enter_service(entered_tenant_id uuid) returns uuid language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.assert_safe_role();
  perform set_config('app.tenant_id', entered_tenant_id::text, true);
  perform set_config('app.user_id', '', true);
  perform set_config('app.role', 'service', true);
  return entered_tenant_id;
end
$$;
--> statement-breakpoint

-- Where no context can exist yet. These alone run with the owner's rights, each for one narrow question; they become the
-- operator for that question and are again who they were when it is answered.
create function app.tenant_of_hostname(asked_hostname text) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  found_id uuid;
begin
  perform set_config('app.role', 'operator', true);
  select d.tenant_id into found_id from public.tenant_domains d where d.hostname = asked_hostname and d.status = 'active';
  perform set_config('app.role', role_before, true);
  return found_id;
end
$$;
--> statement-breakpoint
create function app.tenant_of_slug(asked_slug text) returns uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  found_id uuid;
begin
  perform set_config('app.role', 'operator', true);
  select t.id into found_id from public.tenants t where t.slug = asked_slug;
  perform set_config('app.role', role_before, true);
  return found_id;
end
$$;
--> statement-breakpoint
create function app.find_login(asked_tenant_id uuid, asked_email text)
returns table (user_id uuid, password_hash text, status text, signed_out_at_s bigint)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
begin
  perform set_config('app.role', 'operator', true);
  return query
    select u.id, u.password_hash, u.status, floor(extract(epoch from u.signed_out_at))::bigint
    from public.users u where u.tenant_id = asked_tenant_id and u.email = asked_email;
  perform set_config('app.role', role_before, true);
end
$$;
--> statement-breakpoint
create function app.find_api_key(asked_hash bytea)
returns table (tenant_id uuid, api_key_id uuid, user_id uuid, scopes text[], expires_at timestamptz, revoked_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
begin
  perform set_config('app.role', 'operator', true);
  return query
    select k.tenant_id, k.id, k.user_id, k.scopes, k.expires_at, k.revoked_at
    from public.api_keys k where k.key_hash = asked_hash;
  perform set_config('app.role', role_before, true);
end
$$;
--> statement-breakpoint
-- Resolves a tenant and enters it as the service; null, and no context, when nobody answers to that name.
create function app.enter_hostname(asked_hostname text) returns uuid language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  found_id uuid := app.tenant_of_hostname(asked_hostname);
begin
  return case when found_id is null then null else app.enter_service(found_id) end;
end
$$;
--> statement-breakpoint
create function app.enter_slug(asked_slug text) returns uuid language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  found_id uuid := app.tenant_of_slug(asked_slug);
begin
  return case when found_id is null then null else app.enter_service(found_id) end;
end
$$;
--> statement-breakpoint
revoke execute on all functions in schema app from public;
--> statement-breakpoint
grant execute on function app.assert_safe_role(), app.enter(uuid, uuid, bigint), app.enter_service(uuid),
  app.tenant_of_hostname(text), app.tenant_of_slug(text), app.find_login(uuid, text), app.find_api_key(bytea),
  app.enter_hostname(text), app.enter_slug(text) to app_worker;
--> statement-breakpoint

-- The platform's own tenant.
select set_config('app.role', 'operator', true);
--> statement-breakpoint
insert into tenants (id, slug, name, tagline, primary_color, registration_open)
  values (app.platform_tenant_id(), 'platform', 'Vanilla', 'The platform', '#4f46e5', false);
--> statement-breakpoint
insert into levels (tenant_id, id, slug, name, is_default)
  values (app.platform_tenant_id(), '00000000-0000-7000-8000-000000000002', 'operators', 'Operators', true);
--> statement-breakpoint
insert into level_token_policies (tenant_id, level_id, mode, allocation_tokens, rollover_cap_tokens, enforcement,
    warning_thresholds_percent, reservation_lifetime_ms, in_flight_max)
  values (app.platform_tenant_id(), '00000000-0000-7000-8000-000000000002', 'lifetime', 0, 0, 'hard', '{80,95}', 120000, 100);
