-- A hash is written and never read back: `app.find_api_key` alone compares it.
grant select (allowed_models, requests_per_minute, tokens_per_minute, monthly_budget_tokens, limits_changed_at,
    previous_valid_until),
  insert (tenant_id, id, user_id, name, prefix, key_hash, scopes, allowed_models, requests_per_minute, tokens_per_minute,
    monthly_budget_tokens, expires_at),
  update (name, allowed_models, requests_per_minute, tokens_per_minute, monthly_budget_tokens, expires_at, revoked_at,
    last_used_at)
  on api_keys to app_worker;
--> statement-breakpoint
grant insert, update, delete on ai_providers, ai_models to app_worker;
--> statement-breakpoint
grant insert on ai_model_prices to app_worker;
--> statement-breakpoint
grant update (name, allowed_models) on levels to app_worker;
--> statement-breakpoint
grant update (stores_contents) on tenants to app_worker;
--> statement-breakpoint
grant update (output, expires_at) on ai_execution_contents to app_worker;
--> statement-breakpoint

-- Moves the hash to `previous_key_hash`, for a grace period in seconds: the Worker may not read it, so it cannot move it. Only
-- the key's own user may, and only a key that still lives. False when there is none.
create function app.rotate_api_key(rotated_id uuid, new_prefix text, new_hash bytea, grace_s integer)
returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  asker_tenant_id uuid := app.tenant_id();
  asker_id uuid := app.user_id();
  rotated boolean;
begin
  perform set_config('app.role', 'operator', true);
  update public.api_keys k
    set previous_key_hash = case when grace_s > 0 then k.key_hash end,
        previous_valid_until = case when grace_s > 0 then now() + make_interval(secs => grace_s) end,
        key_hash = new_hash, prefix = new_prefix
    where k.tenant_id = asker_tenant_id and k.user_id = asker_id and k.id = rotated_id
      and k.revoked_at is null and (k.expires_at is null or k.expires_at > now());
  rotated := found;
  perform set_config('app.role', role_before, true);
  return rotated;
end
$$;
--> statement-breakpoint
-- Revoking ends the previous secret as well: the row is one key.
create or replace function app.find_api_key(asked_hash bytea)
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
    from public.api_keys k
    where k.key_hash = asked_hash or (k.previous_key_hash = asked_hash and k.previous_valid_until > now());
  perform set_config('app.role', role_before, true);
end
$$;
--> statement-breakpoint
-- As the person behind an API key of this tenant. VS405: no such key here. VS406: revoked. VS407: expired; and what app.enter
-- raises, but for signing out, which ends sessions and not keys.
create function app.enter_api_key(entered_tenant_id uuid, asked_hash bytea)
returns table (api_key_id uuid, user_id uuid) language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  api_key record;
begin
  perform app.assert_safe_role();
  select k.* into api_key from app.find_api_key(asked_hash) k;
  if not found or api_key.tenant_id <> entered_tenant_id then
    raise exception 'no such API key in this tenant' using errcode = 'VS405';
  elsif api_key.revoked_at is not null then
    raise exception 'the API key was revoked' using errcode = 'VS406';
  elsif api_key.expires_at <= now() then
    raise exception 'the API key has expired' using errcode = 'VS407';
  end if;
  perform app.enter(entered_tenant_id, api_key.user_id, 9223372036854775807);
  return query select api_key.api_key_id, api_key.user_id;
end
$$;
--> statement-breakpoint
create function app.touch_limits_changed_at() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.limits_changed_at = clock_timestamp();
  return new;
end
$$;
--> statement-breakpoint
create trigger touch_limits_changed_at
  before update of requests_per_minute, tokens_per_minute, monthly_budget_tokens on api_keys
  for each row execute function app.touch_limits_changed_at();
--> statement-breakpoint
revoke execute on function app.rotate_api_key(uuid, text, bytea, integer), app.enter_api_key(uuid, bytea),
  app.touch_limits_changed_at() from public;
--> statement-breakpoint
grant execute on function app.rotate_api_key(uuid, text, bytea, integer), app.enter_api_key(uuid, bytea) to app_worker;
