-- Hashes the password of a sign-in again, so that an old pepper can be dropped. The hash before has to be the one that was checked: a
-- password that has been changed meanwhile stays. VS010: only the service of the tenant, which has checked the password.
create function app.renew_password_hash(asked_user_id uuid, hash_before text, new_password_hash text) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
  is_renewed boolean;
begin
  if role_before <> 'service' then
    raise exception 'only the service renews a hash' using errcode = 'VS010';
  end if;
  perform set_config('app.role', 'operator', true);
  update public.users u set password_hash = new_password_hash
    where u.tenant_id = app.tenant_id() and u.id = asked_user_id and u.password_hash = hash_before;
  is_renewed := found;
  perform set_config('app.role', role_before, true);
  return is_renewed;
end
$$;
--> statement-breakpoint
revoke execute on function app.renew_password_hash(uuid, text, text) from public;
--> statement-breakpoint
grant execute on function app.renew_password_hash(uuid, text, text) to app_worker;
