CREATE TABLE "user_files" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"filename" text NOT NULL,
	"media_type" text NOT NULL,
	"bytes" bigint NOT NULL,
	"purpose" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "user_files_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "user_files_purpose_is_known" CHECK ("user_files"."purpose" in ('user_data', 'assistants', 'vision')),
	CONSTRAINT "user_files_are_of_a_size" CHECK ("user_files"."bytes" between 1 and 33554432 and char_length("user_files"."filename") between 1 and 500 and char_length("user_files"."media_type") between 1 and 100),
	CONSTRAINT "user_files_end" CHECK ("user_files"."expires_at" > "user_files"."created_at")
);
--> statement-breakpoint
ALTER TABLE "user_files" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "user_files" ADD CONSTRAINT "user_files_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "user_files_by_user" ON "user_files" USING btree ("tenant_id","user_id","id");--> statement-breakpoint
CREATE INDEX "user_files_by_expiry" ON "user_files" USING btree ("expires_at","tenant_id");--> statement-breakpoint
CREATE POLICY "Files are for the eyes of their user" ON "user_files" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("user_files"."tenant_id" = (select app.tenant_id())) and ("user_files"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Files are uploaded by their user" ON "user_files" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("user_files"."tenant_id" = (select app.tenant_id())) and ("user_files"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Files are deleted by their user" ON "user_files" AS PERMISSIVE FOR DELETE TO "app_worker" USING (("user_files"."tenant_id" = (select app.tenant_id())) and ("user_files"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "The service finds what has expired" ON "user_files" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("user_files"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service') and ("user_files"."expires_at" <= now()));--> statement-breakpoint
CREATE POLICY "The service deletes what has expired" ON "user_files" AS PERMISSIVE FOR DELETE TO "app_worker" USING (("user_files"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service') and ("user_files"."expires_at" <= now()));
--> statement-breakpoint
alter table user_files force row level security;
--> statement-breakpoint
create policy "The owner maintains, on purpose" on user_files to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
revoke all on user_files from public;
--> statement-breakpoint
-- A row never changes, and the time of its upload is the database's.
grant select, delete, insert (tenant_id, id, user_id, filename, media_type, bytes, purpose, expires_at) on user_files to app_worker;
--> statement-breakpoint
create or replace function app.tables_emptied_with_tenant() returns text[] language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select array['ai_execution_contents', 'api_keys', 'invitations', 'account_tokens', 'audit_clients', 'sessions', 'user_factors',
    'recovery_codes', 'user_identities', 'sign_in_providers', 'management_keys', 'user_files']
$$;
--> statement-breakpoint
-- Names the tenants of which files have expired, for the hourly sweep, which then enters each of them. A thousand at most.
create function app.tenants_with_expired_files() returns setof uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
begin
  perform set_config('app.role', 'operator', true);
  return query select distinct f.tenant_id from public.user_files f where f.expires_at <= now() limit 1000;
  perform set_config('app.role', role_before, true);
end
$$;
--> statement-breakpoint
revoke execute on function app.tenants_with_expired_files() from public;
--> statement-breakpoint
grant execute on function app.tenants_with_expired_files() to app_worker;
