ALTER TABLE "levels" ALTER COLUMN "features" SET DEFAULT '{"api_keys":true,"background_runs":true,"own_providers":true,"live_balance":true,"exports":true,"playground_models":true}'::jsonb;--> statement-breakpoint
ALTER TABLE "levels" ADD COLUMN "position" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "levels" ADD COLUMN "archived_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "levels" ADD COLUMN "default_output_limit" integer;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "allows_self_made_changes" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "self_made_changes_locked" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "audit_log_by_target" ON "audit_log" USING btree ("tenant_id","target_type","target_id","id");--> statement-breakpoint
CREATE INDEX "audit_log_self_made" ON "audit_log" USING btree ("tenant_id","id") WHERE details @> '{"self": true}';--> statement-breakpoint
ALTER TABLE "levels" ADD CONSTRAINT "levels_default_is_not_archived" CHECK (not "levels"."is_default" or "levels"."archived_at" is null);--> statement-breakpoint
ALTER TABLE "levels" ADD CONSTRAINT "levels_default_output_limit_is_positive" CHECK ("levels"."default_output_limit" > 0);--> statement-breakpoint
CREATE POLICY "Admins add levels to their tenant" ON "levels" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK ((("levels"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Admins set the policies of their tenant's new levels" ON "level_token_policies" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK ((("level_token_policies"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint

-- Levels that exist keep what their users had: every feature. They are listed in the order in which they were made.
select set_config('app.role', 'operator', true);
--> statement-breakpoint
update levels set features = default, position = ordered.place
  from (select tenant_id, id, row_number() over (partition by tenant_id order by id) as place from levels) ordered
  where levels.tenant_id = ordered.tenant_id and levels.id = ordered.id;
--> statement-breakpoint
grant insert (tenant_id, id, slug, name, features, allowed_models, default_output_limit, position),
  update (slug, features, default_output_limit, position, is_default, archived_at) on levels to app_worker;
--> statement-breakpoint
grant insert (tenant_id, level_id, mode, allocation_tokens, rollover_cap_tokens, enforcement, warning_thresholds_percent,
  reservation_lifetime_ms, in_flight_max) on level_token_policies to app_worker;
--> statement-breakpoint
grant update (role) on users to app_worker;
--> statement-breakpoint
grant update (allows_self_made_changes, self_made_changes_locked) on tenants to app_worker;
--> statement-breakpoint

-- Nobody governs themselves, or gives a role above their own. VS004: not theirs to change. VS021: superadmins belong to the
-- platform.
create or replace function app.refuse_self_government() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(app.role(), '') not in ('admin', 'superadmin', 'operator') then
    raise exception 'only administrators change the status, the level or the role of a user' using errcode = 'VS004';
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
drop trigger refuse_self_government on users;
--> statement-breakpoint
create trigger refuse_self_government before update of status, level_id, role on users
  for each row when (
    old.status is distinct from new.status or old.level_id is distinct from new.level_id
    or old.role is distinct from new.role
  ) execute function app.refuse_self_government();
--> statement-breakpoint

-- A tenant keeps an active administrator, and the platform an active superadmin (VS020). Changes of the administrators of one
-- tenant wait for each other here: each sees what the one before it left, also when two of them end each other at once.
create function app.keep_an_admin() returns trigger language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  kept_roles text[] := case when old.role = 'superadmin' then array['superadmin'] else array['admin', 'superadmin'] end;
begin
  if app.role() = 'operator' or (new.status = 'active' and new.role = any (kept_roles)) then
    return new;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('app.keep_an_admin/' || old.tenant_id, 0));
  if not exists (
    select from public.users u
    where u.tenant_id = old.tenant_id and u.id <> old.id and u.status = 'active' and u.role = any (kept_roles)
  ) then
    raise exception 'the last active administrator stays' using errcode = 'VS020';
  end if;
  return new;
end
$$;
--> statement-breakpoint
-- Triggers run in the order of their names: whose change is refused to them is told that first.
create trigger tenant_keeps_an_admin before update of status, role on users
  for each row when (old.status = 'active' and old.role <> 'user') execute function app.keep_an_admin();
--> statement-breakpoint

-- Nobody is moved to an archived level (VS023). Its users stay on it.
create function app.refuse_archived_level() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from public.levels l
    where l.tenant_id = new.tenant_id and l.id = new.level_id and l.archived_at is not null
  ) then
    raise exception 'the level is archived' using errcode = 'VS023';
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger user_moves_to_a_level_in_use before update of level_id on users
  for each row when (old.level_id is distinct from new.level_id) execute function app.refuse_archived_level();
--> statement-breakpoint

-- Who turned off that administrators change their own wallet and policy: tenant or platform. Null if the user is another one, or
-- if the caller may.
create function app.self_made_changes_off_by(changed_user_id uuid) returns text language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case
      when t.self_made_changes_locked then 'platform'
      when not t.allows_self_made_changes then 'tenant'
    end
  from public.tenants t
  where t.id = app.tenant_id() and changed_user_id = app.user_id()
$$;
--> statement-breakpoint
-- VS022: the caller may not change their own policy here.
create function app.refuse_self_made_override() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if app.self_made_changes_off_by(new.user_id) is not null then
    raise exception 'administrators do not change their own policy here' using errcode = 'VS022';
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger refuse_self_made_override before insert or update on user_token_policies
  for each row execute function app.refuse_self_made_override();
--> statement-breakpoint
-- Nor the policy of the level they are on, while an administrator on another level can. Without one, the level would have nobody
-- who can change it.
create function app.refuse_self_made_policy() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if app.self_made_changes_off_by(app.user_id()) is not null
    and exists (
      select from public.users u
      where u.tenant_id = new.tenant_id and u.id = app.user_id() and u.level_id = new.level_id
    )
    and exists (
      select from public.users u
      where u.tenant_id = new.tenant_id and u.level_id <> new.level_id and u.status = 'active'
        and u.role in ('admin', 'superadmin')
    )
  then
    raise exception 'an administrator on another level changes this policy' using errcode = 'VS022';
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger refuse_self_made_policy before update on level_token_policies
  for each row execute function app.refuse_self_made_policy();
--> statement-breakpoint
-- The lock is the platform's: column grants do not tell roles apart.
create function app.refuse_unlocking() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(app.role(), '') not in ('superadmin', 'operator') then
    raise exception 'only superadmins lock or unlock self-made changes' using errcode = 'VS004';
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger refuse_unlocking before update of self_made_changes_locked on tenants
  for each row when (old.self_made_changes_locked is distinct from new.self_made_changes_locked)
  execute function app.refuse_unlocking();
--> statement-breakpoint
revoke execute on function app.keep_an_admin(), app.refuse_archived_level(), app.self_made_changes_off_by(uuid),
  app.refuse_self_made_override(), app.refuse_self_made_policy(), app.refuse_unlocking() from public;
--> statement-breakpoint
grant execute on function app.self_made_changes_off_by(uuid) to app_worker;
