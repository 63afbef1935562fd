CREATE TABLE "invitations" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"email" text NOT NULL,
	"role" text NOT NULL,
	"level_id" uuid,
	"token_hash" "bytea" NOT NULL,
	"invited_by" uuid,
	"expires_at" timestamp with time zone NOT NULL,
	"accepted_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "invitations_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "invitations_token_once_per_tenant" UNIQUE("tenant_id","token_hash"),
	CONSTRAINT "invitations_email_is_lower_case" CHECK ("invitations"."email" = lower("invitations"."email")),
	CONSTRAINT "invitations_role_is_known" CHECK ("invitations"."role" in ('user', 'admin', 'superadmin')),
	CONSTRAINT "invitations_superadmins_belong_to_the_platform" CHECK ("invitations"."role" <> 'superadmin' or "invitations"."tenant_id" = app.platform_tenant_id()),
	CONSTRAINT "invitations_end_once" CHECK (num_nonnulls("invitations"."accepted_at", "invitations"."revoked_at") <= 1)
);
--> statement-breakpoint
ALTER TABLE "invitations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_tenant_id_level_id_levels_tenant_id_id_fk" FOREIGN KEY ("tenant_id","level_id") REFERENCES "public"."levels"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_tenant_id_invited_by_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","invited_by") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "invitations_by_email" ON "invitations" USING btree ("tenant_id","email");--> statement-breakpoint
CREATE POLICY "Admins see the invitations of their tenant" ON "invitations" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("invitations"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin') end);--> statement-breakpoint
CREATE POLICY "Admins invite to their tenant, superadmins to every tenant" ON "invitations" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK ((("invitations"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin') and ("invitations"."role" <> 'superadmin') and ("invitations"."invited_by" = (select app.user_id()))) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Admins revoke invitations of their tenant, superadmins all" ON "invitations" AS PERMISSIVE FOR UPDATE TO "app_worker" USING ((("invitations"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin') and ("invitations"."role" <> 'superadmin')) or ((select app.role()) = 'superadmin')) WITH CHECK ((("invitations"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin') and ("invitations"."role" <> 'superadmin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint

alter table invitations force row level security;
--> statement-breakpoint
create policy "The owner maintains, on purpose" on invitations to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
revoke all on invitations from public;
--> statement-breakpoint
-- A hash is written and never read back, and only app.accept_invitation accepts.
grant select (tenant_id, id, email, role, level_id, invited_by, expires_at, accepted_at, revoked_at, created_at),
  insert (tenant_id, id, email, role, level_id, token_hash, invited_by, expires_at),
  update (revoked_at)
  on invitations to app_worker;
--> statement-breakpoint

-- The invitation of a token, while it can be accepted. An invitation dies with its inviter's rights: whoever lost them
-- cannot come back through a link.
create function app.find_invitation(asked_tenant_id uuid, asked_hash bytea)
returns table (invitation_id uuid, email text, role text, expires_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
begin
  perform set_config('app.role', 'operator', true);
  return query
    select i.id, i.email, i.role, i.expires_at
    from public.invitations i
    left join public.users u on u.tenant_id = i.tenant_id and u.id = i.invited_by
    where i.tenant_id = asked_tenant_id and i.token_hash = asked_hash
      and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()
      and (i.invited_by is null
        or (u.status = 'active' and (u.role = 'superadmin' or (u.role = 'admin' and i.role <> 'superadmin'))));
  perform set_config('app.role', role_before, true);
end
$$;
--> statement-breakpoint
-- Makes the account that an invitation describes, once, and ends the other invitations of that email. VS408: no such
-- invitation here, or it has ended. A unique violation: the email has an account already.
create function app.accept_invitation(
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
    returning i.id, i.email, i.role, i.level_id into accepted;
  if accepted.id is null then
    raise exception 'no such invitation in this tenant' using errcode = 'VS408';
  end if;
  insert into public.users (tenant_id, id, email, name, password_hash, role, level_id)
    values (asked_tenant_id, new_user_id, accepted.email, new_name, new_password_hash, accepted.role,
      coalesce(accepted.level_id,
        (select l.id from public.levels l where l.tenant_id = asked_tenant_id and l.is_default)));
  update public.invitations i set revoked_at = now()
    where i.tenant_id = asked_tenant_id and i.email = accepted.email and i.accepted_at is null and i.revoked_at is null;
  perform set_config('app.role', role_before, true);
  return accepted.id;
end
$$;
--> statement-breakpoint
revoke execute on function app.find_invitation(uuid, bytea), app.accept_invitation(uuid, bytea, uuid, text, text)
  from public;
--> statement-breakpoint
grant execute on function app.find_invitation(uuid, bytea), app.accept_invitation(uuid, bytea, uuid, text, text)
  to app_worker;
