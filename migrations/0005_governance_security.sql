alter table wallet_reconciliations force row level security;
--> statement-breakpoint
create policy "The owner maintains, on purpose" on wallet_reconciliations to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
revoke all on wallet_reconciliations from public;
--> statement-breakpoint
grant select, insert, update on wallet_reconciliations to app_worker;
--> statement-breakpoint
grant select (status_changed_at), update (status, level_id) on users to app_worker;
--> statement-breakpoint
grant update (mode, allocation_tokens, rollover_cap_tokens, enforcement, warning_thresholds_percent,
  reservation_lifetime_ms, in_flight_max) on level_token_policies to app_worker;
--> statement-breakpoint
grant insert, update (mode, allocation_tokens, rollover_cap_tokens, enforcement, warning_thresholds_percent,
  reservation_lifetime_ms, in_flight_max) on user_token_policies to app_worker;
--> statement-breakpoint

-- Users may update their own row, and column grants do not tell roles apart: so the columns that govern a user are guarded
-- here. Nobody governs themselves, administrators included: the last one could lock everybody out.
create function app.refuse_self_government() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(app.role(), '') not in ('admin', 'superadmin', 'operator') then
    raise exception 'only administrators change the status or the level of a user' using errcode = 'VS004';
  elsif app.role() <> 'operator' and new.id = app.user_id() then
    raise exception 'nobody changes their own status or level' using errcode = 'VS004';
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger refuse_self_government before update of status, level_id on users
  for each row when (old.status is distinct from new.status or old.level_id is distinct from new.level_id)
  execute function app.refuse_self_government();
--> statement-breakpoint
-- Wallets obey the newest status they have heard of: it gets newer with every change, whatever the clock does.
create function app.touch_status_changed_at() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.status_changed_at = greatest(clock_timestamp(), old.status_changed_at + interval '1 microsecond');
  return new;
end
$$;
--> statement-breakpoint
create trigger touch_status_changed_at before update of status on users
  for each row when (old.status is distinct from new.status) execute function app.touch_status_changed_at();
--> statement-breakpoint
-- The default, now(), is when the transaction began, which may be before a change of the level's policy that it waited for:
-- the override would not raise the version.
create trigger touch_updated_at_at_first before insert on user_token_policies
  for each row execute function app.touch_updated_at();
--> statement-breakpoint

-- The scheduled check has no tenant yet: it asks, once, which there are to check.
create function app.tenants_with_wallets() returns setof uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
begin
  perform set_config('app.role', 'operator', true);
  return query
    select t.id from public.tenants t
    where exists (select from public.user_token_wallets w where w.tenant_id = t.id)
    order by t.id;
  perform set_config('app.role', role_before, true);
end
$$;
--> statement-breakpoint
revoke execute on function app.refuse_self_government(), app.touch_status_changed_at(), app.tenants_with_wallets() from public;
--> statement-breakpoint
grant execute on function app.tenants_with_wallets() to app_worker;
