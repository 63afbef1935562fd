drop function app.find_login(uuid, text);
--> statement-breakpoint
-- What the check of a password needs, in one question, so that a refusal for whatever reason takes the same time.
create function app.find_login(asked_tenant_id uuid, asked_email text)
returns table (user_id uuid, password_hash text, status text, signed_out_at_s bigint, allocation_awaits text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
begin
  perform set_config('app.role', 'operator', true);
  return query
    select u.id, u.password_hash, u.status, floor(extract(epoch from u.signed_out_at))::bigint, u.allocation_awaits
    from public.users u where u.tenant_id = asked_tenant_id and u.email = asked_email;
  perform set_config('app.role', role_before, true);
end
$$;
--> statement-breakpoint
revoke execute on function app.find_login(uuid, text) from public;
--> statement-breakpoint
grant execute on function app.find_login(uuid, text) to app_worker;
