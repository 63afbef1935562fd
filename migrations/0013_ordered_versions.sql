-- Wallets obey the newest policy they have heard of, and what is newest is told by a time. Clocks step back, after a failover for
-- one: so these times come from a clock of their own that never does. It counts microseconds since the epoch.
create sequence app.policy_clock;
--> statement-breakpoint
create function app.next_policy_moment() returns timestamptz language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  moment_us bigint;
begin
  -- Held to the end of the transaction, so that a later moment is never visible before an earlier one.
  perform pg_advisory_xact_lock(hashtext('app.policy_clock'));
  moment_us := greatest((extract(epoch from clock_timestamp()) * 1000000)::bigint, nextval('app.policy_clock'));
  perform setval('app.policy_clock', moment_us);
  return 'epoch'::timestamptz + moment_us * interval '1 microsecond';
end
$$;
--> statement-breakpoint
create function app.touch_updated_at_in_order() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  new.updated_at = app.next_policy_moment();
  return new;
end
$$;
--> statement-breakpoint
drop trigger touch_updated_at on level_token_policies;
--> statement-breakpoint
drop trigger touch_updated_at on user_token_policies;
--> statement-breakpoint
drop trigger touch_updated_at_at_first on user_token_policies;
--> statement-breakpoint
create trigger touch_updated_at before insert or update on level_token_policies
  for each row execute function app.touch_updated_at_in_order();
--> statement-breakpoint
create trigger touch_updated_at before insert or update on user_token_policies
  for each row execute function app.touch_updated_at_in_order();
--> statement-breakpoint
create or replace function app.touch_policy_changed_at() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  new.policy_changed_at = app.next_policy_moment();
  return new;
end
$$;
--> statement-breakpoint
-- A key's limits are of one row, and so in order by themselves.
create or replace function app.touch_limits_changed_at() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.limits_changed_at = greatest(clock_timestamp(), old.limits_changed_at + interval '1 microsecond');
  return new;
end
$$;
--> statement-breakpoint
revoke execute on function app.next_policy_moment(), app.touch_updated_at_in_order() from public;
--> statement-breakpoint

-- A tenant whose wallets' every entry is lost has no row to show for it: whoever has users has wallets to check.
create or replace function app.tenants_with_wallets() returns setof uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
begin
  perform set_config('app.role', 'operator', true);
  return query
    select t.id from public.tenants t
    where exists (select from public.users u where u.tenant_id = t.id)
    order by t.id;
  perform set_config('app.role', role_before, true);
end
$$;
--> statement-breakpoint

do $$
begin
  perform set_config('app.role', 'operator', true);
  perform setval('app.policy_clock', greatest(
    1,
    (select max((extract(epoch from updated_at) * 1000000)::bigint) from level_token_policies),
    (select max((extract(epoch from updated_at) * 1000000)::bigint) from user_token_policies),
    (select max((extract(epoch from policy_changed_at) * 1000000)::bigint) from users)
  ));
  -- What a repair has written off was told from what it has not by the entry's number alone.
  update wallet_reconciliations set
    acknowledged = jsonb_path_query_array(differences, '$[*] ? (@.seq <= $through)',
      jsonb_build_object('through', repaired_through_seq)),
    differences = jsonb_path_query_array(differences, '$[*] ? (@.seq > $through || @.seq == null)',
      jsonb_build_object('through', repaired_through_seq)),
    repaired_checkpoint = checkpoint
  where repaired_through_seq > 0;
end
$$;
