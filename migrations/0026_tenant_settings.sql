ALTER TABLE "tenants" ADD COLUMN "registration" text DEFAULT 'open' NOT NULL;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "registration_email_domains" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "allowed_origins" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "default_output_limit" integer;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "fits_to_balance" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "shows_provider_cost" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "content_retention_days" integer DEFAULT 30 NOT NULL;--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_registration_is_known" CHECK ("tenants"."registration" in ('open', 'invitation', 'email_domains', 'closed'));--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_email_domains_are_named" CHECK ("tenants"."registration" <> 'email_domains' or cardinality("tenants"."registration_email_domains") > 0);--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_lists_are_short" CHECK (cardinality("tenants"."registration_email_domains") <= 100 and cardinality("tenants"."allowed_origins") <= 50);--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_default_output_limit_in_range" CHECK ("tenants"."default_output_limit" between 1 and 1000000);--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_content_retention_in_range" CHECK ("tenants"."content_retention_days" between 1 and 365);--> statement-breakpoint
CREATE TABLE "tenant_assets" (
	"tenant_id" uuid NOT NULL,
	"hash" text NOT NULL,
	"media_type" text NOT NULL,
	"content" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_assets_tenant_id_hash_pk" PRIMARY KEY("tenant_id","hash"),
	CONSTRAINT "tenant_assets_hash_is_of_the_content" CHECK ("tenant_assets"."hash" = encode(sha256("tenant_assets"."content"), 'hex')),
	CONSTRAINT "tenant_assets_media_type_is_known" CHECK ("tenant_assets"."media_type" in ('image/png', 'image/jpeg', 'image/webp', 'image/svg+xml')),
	CONSTRAINT "tenant_assets_content_is_small" CHECK (octet_length("tenant_assets"."content") between 1 and 262144)
);
--> statement-breakpoint
ALTER TABLE "tenant_assets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "tenant_assets" ADD CONSTRAINT "tenant_assets_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "Images of a tenant are seen from inside it" ON "tenant_assets" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else "tenant_assets"."tenant_id" = (select app.tenant_id()) end);--> statement-breakpoint
CREATE POLICY "Admins add images to their tenant" ON "tenant_assets" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK ((("tenant_assets"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Admins remove images of their tenant" ON "tenant_assets" AS PERMISSIVE FOR DELETE TO "app_worker" USING ((("tenant_assets"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
select set_config('app.role', 'operator', true);
--> statement-breakpoint
update tenants set registration = 'closed' where not registration_open;
--> statement-breakpoint
select set_config('app.role', '', true);
--> statement-breakpoint
ALTER TABLE "tenants" DROP COLUMN "registration_open";
--> statement-breakpoint
grant update (name, tagline, logo_url, primary_color, registration, registration_email_domains, allowed_origins,
  default_output_limit, fits_to_balance, shows_provider_cost, content_retention_days) on tenants to app_worker;
--> statement-breakpoint
ALTER TABLE "tenant_assets" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
create policy "The owner maintains, on purpose" on tenant_assets to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
revoke all on tenant_assets from public;
--> statement-breakpoint
grant select, insert, delete on tenant_assets to app_worker;
