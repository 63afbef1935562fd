CREATE TABLE "ai_model_aliases" (
	"tenant_id" uuid NOT NULL,
	"alias" text NOT NULL,
	"public_name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ai_model_aliases_tenant_id_alias_pk" PRIMARY KEY("tenant_id","alias"),
	CONSTRAINT "ai_model_aliases_are_names" CHECK (char_length("ai_model_aliases"."alias") between 1 and 200 and char_length("ai_model_aliases"."public_name") between 1 and 200
        and "ai_model_aliases"."alias" <> "ai_model_aliases"."public_name")
);
--> statement-breakpoint
ALTER TABLE "ai_model_aliases" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "ai_model_routes" (
	"tenant_id" uuid NOT NULL,
	"public_name" text NOT NULL,
	"strategy" text NOT NULL,
	"keeps_provider" boolean NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ai_model_routes_tenant_id_public_name_pk" PRIMARY KEY("tenant_id","public_name"),
	CONSTRAINT "ai_model_routes_strategy_is_known" CHECK ("ai_model_routes"."strategy" in ('priority', 'weighted', 'least_latency')),
	CONSTRAINT "ai_model_routes_are_of_names" CHECK (char_length("ai_model_routes"."public_name") between 1 and 200)
);
--> statement-breakpoint
ALTER TABLE "ai_model_routes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "ai_executions" ADD COLUMN "routing" jsonb;--> statement-breakpoint
ALTER TABLE "ai_models" ADD COLUMN "weight" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "ai_model_aliases" ADD CONSTRAINT "ai_model_aliases_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ai_model_routes" ADD CONSTRAINT "ai_model_routes_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ai_models" ADD CONSTRAINT "ai_models_weight_is_a_share" CHECK ("ai_models"."weight" between 0 and 1000);--> statement-breakpoint
CREATE POLICY "A tenant sees its own aliases and the platform's" ON "ai_model_aliases" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("ai_model_aliases"."tenant_id" = (select app.tenant_id())) or ("ai_model_aliases"."tenant_id" = (select app.platform_tenant_id()) and (select app.tenant_id()) is not null) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Admins add aliases to their tenant, superadmins to the platform" ON "ai_model_aliases" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK ((("ai_model_aliases"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Admins remove their tenant's aliases" ON "ai_model_aliases" AS PERMISSIVE FOR DELETE TO "app_worker" USING ((("ai_model_aliases"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "A tenant sees its own routes and the platform's" ON "ai_model_routes" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("ai_model_routes"."tenant_id" = (select app.tenant_id())) or ("ai_model_routes"."tenant_id" = (select app.platform_tenant_id()) and (select app.tenant_id()) is not null) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Admins add routes to their tenant, superadmins to the platform" ON "ai_model_routes" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK ((("ai_model_routes"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Admins change their tenant's routes" ON "ai_model_routes" AS PERMISSIVE FOR UPDATE TO "app_worker" USING ((("ai_model_routes"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin')) WITH CHECK ((("ai_model_routes"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin'));
--> statement-breakpoint
alter table ai_model_aliases force row level security;
--> statement-breakpoint
alter table ai_model_routes force row level security;
--> statement-breakpoint
create policy "The owner maintains, on purpose" on ai_model_aliases to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
create policy "The owner maintains, on purpose" on ai_model_routes to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
revoke all on ai_model_aliases, ai_model_routes from public;
--> statement-breakpoint
grant select, insert, delete on ai_model_aliases to app_worker;
--> statement-breakpoint
grant select, insert, update on ai_model_routes to app_worker;
--> statement-breakpoint
create trigger touch_updated_at before update on ai_model_routes for each row execute function app.touch_updated_at();
