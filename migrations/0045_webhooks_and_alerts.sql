CREATE TABLE "alert_dismissals" (
	"tenant_id" uuid NOT NULL,
	"alert_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"dismissed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "alert_dismissals_tenant_id_alert_id_user_id_pk" PRIMARY KEY("tenant_id","alert_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "alert_dismissals" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "alert_rules" (
	"tenant_id" uuid PRIMARY KEY NOT NULL,
	"low_balance" boolean DEFAULT true NOT NULL,
	"budget" boolean DEFAULT true NOT NULL,
	"provider_failing" boolean DEFAULT true NOT NULL,
	"provider_failing_percent" integer DEFAULT 50 NOT NULL,
	"provider_failing_min_calls" integer DEFAULT 10 NOT NULL,
	"difference" boolean DEFAULT true NOT NULL,
	"unusual_spend" boolean DEFAULT true NOT NULL,
	"unusual_spend_floor_micro_usd" bigint DEFAULT 1000000 NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "alert_rules_figures_are_sane" CHECK ("alert_rules"."provider_failing_percent" between 1 and 100 and "alert_rules"."provider_failing_min_calls" between 1 and 1000000),
	CONSTRAINT "alert_rules_amounts_in_range" CHECK ("alert_rules"."unusual_spend_floor_micro_usd" between 0 and 1125899906842624)
);
--> statement-breakpoint
ALTER TABLE "alert_rules" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "alert_settings" (
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"mail_off" text[] DEFAULT '{}' NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "alert_settings_tenant_id_user_id_pk" PRIMARY KEY("tenant_id","user_id"),
	CONSTRAINT "alert_settings_kinds_are_known" CHECK ("alert_settings"."mail_off" <@ array['low_balance', 'budget', 'provider_failing', 'difference', 'unusual_spend'])
);
--> statement-breakpoint
ALTER TABLE "alert_settings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "alerts" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"subject" uuid NOT NULL,
	"threshold" integer DEFAULT 0 NOT NULL,
	"seq" bigint,
	"data" jsonb NOT NULL,
	"opened_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "alerts_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "alerts_kind_is_known" CHECK ("alerts"."kind" in ('low_balance', 'budget', 'provider_failing', 'difference', 'unusual_spend'))
);
--> statement-breakpoint
ALTER TABLE "alerts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"tenant_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_at" timestamp with time zone,
	"last_status" integer,
	"last_error" text,
	"duration_ms" integer,
	CONSTRAINT "webhook_deliveries_tenant_id_event_id_endpoint_id_pk" PRIMARY KEY("tenant_id","event_id","endpoint_id"),
	CONSTRAINT "webhook_deliveries_status_is_known" CHECK ("webhook_deliveries"."status" in ('pending', 'delivered', 'failed'))
);
--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "webhook_endpoints" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"url" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"event_types" text[] NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"disabled_reason" text,
	"disabled_at" timestamp with time zone,
	"failing_since" timestamp with time zone,
	"secret_ciphertext" text NOT NULL,
	"secret_version" integer DEFAULT 1 NOT NULL,
	"previous_secret_ciphertext" text,
	"previous_secret_valid_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "webhook_endpoints_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "webhook_endpoints_types_are_known" CHECK ("webhook_endpoints"."event_types" <> '{}' and "webhook_endpoints"."event_types" <@ array['execution.completed', 'execution.failed', 'wallet.low_balance', 'wallet.credited', 'tenant.budget.threshold', 'provider.failing', 'reconciliation.difference', 'usage.unusual']),
	CONSTRAINT "webhook_endpoints_texts_are_short" CHECK (char_length("webhook_endpoints"."url") between 1 and 1000 and char_length("webhook_endpoints"."description") <= 200),
	CONSTRAINT "webhook_endpoints_url_is_https" CHECK ("webhook_endpoints"."url" ~ '^(https://|http://(localhost|127[.]0[.]0[.]1)[:/])'),
	CONSTRAINT "webhook_endpoints_previous_secret_ends" CHECK (("webhook_endpoints"."previous_secret_ciphertext" is null) = ("webhook_endpoints"."previous_secret_valid_until" is null)),
	CONSTRAINT "webhook_endpoints_disabled_for_a_reason" CHECK (("webhook_endpoints"."disabled_reason" is null) = ("webhook_endpoints"."disabled_at" is null) and ("webhook_endpoints"."disabled_reason" is null or not "webhook_endpoints"."enabled"))
);
--> statement-breakpoint
ALTER TABLE "webhook_endpoints" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "webhook_events" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"type" text NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"data" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "webhook_events_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "webhook_events_type_is_known" CHECK ("webhook_events"."type" in ('execution.completed', 'execution.failed', 'wallet.low_balance', 'wallet.credited', 'tenant.budget.threshold', 'provider.failing', 'reconciliation.difference', 'usage.unusual'))
);
--> statement-breakpoint
ALTER TABLE "webhook_events" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "management_keys" DROP CONSTRAINT "management_keys_scopes_are_known";--> statement-breakpoint
ALTER TABLE "ai_execution_contents" ADD COLUMN "in_background" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "alert_dismissals" ADD CONSTRAINT "alert_dismissals_of_an_alert" FOREIGN KEY ("tenant_id","alert_id") REFERENCES "public"."alerts"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_dismissals" ADD CONSTRAINT "alert_dismissals_by_a_user" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_rules" ADD CONSTRAINT "alert_rules_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_settings" ADD CONSTRAINT "alert_settings_of_a_user" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_of_an_event" FOREIGN KEY ("tenant_id","event_id") REFERENCES "public"."webhook_events"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_to_an_endpoint" FOREIGN KEY ("tenant_id","endpoint_id") REFERENCES "public"."webhook_endpoints"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_events" ADD CONSTRAINT "webhook_events_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_once_per_cause" ON "alerts" USING btree ("tenant_id","kind","subject","threshold") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "alerts_ended" ON "alerts" USING btree ("tenant_id","ended_at");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_by_endpoint" ON "webhook_deliveries" USING btree ("tenant_id","endpoint_id","event_id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due" ON "webhook_deliveries" USING btree ("tenant_id","endpoint_id","next_at") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "webhook_events_by_age" ON "webhook_events" USING btree ("tenant_id","created_at");--> statement-breakpoint
ALTER TABLE "management_keys" ADD CONSTRAINT "management_keys_scopes_are_known" CHECK ("management_keys"."scopes" <> '{}' and "management_keys"."scopes" <@ array['users:read', 'users:write', 'wallets:write', 'usage:read', 'webhooks:manage']);--> statement-breakpoint
CREATE POLICY "Users see what they dismissed" ON "alert_dismissals" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("alert_dismissals"."tenant_id" = (select app.tenant_id())) and ("alert_dismissals"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Users dismiss alerts for themselves" ON "alert_dismissals" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("alert_dismissals"."tenant_id" = (select app.tenant_id())) and ("alert_dismissals"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Admins and the service see the rules of their tenant" ON "alert_rules" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("alert_rules"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'admin') or ((select app.role()) = 'superadmin') or ((select app.role()) = 'service')));--> statement-breakpoint
CREATE POLICY "Admins set the rules of their tenant" ON "alert_rules" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("alert_rules"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'admin') or ((select app.role()) = 'superadmin')));--> statement-breakpoint
CREATE POLICY "Admins change the rules of their tenant" ON "alert_rules" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("alert_rules"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'admin') or ((select app.role()) = 'superadmin'))) WITH CHECK (("alert_rules"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'admin') or ((select app.role()) = 'superadmin')));--> statement-breakpoint
CREATE POLICY "Users see their settings, the service those of its tenant" ON "alert_settings" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("alert_settings"."tenant_id" = (select app.tenant_id())) and (("alert_settings"."user_id" = (select app.user_id())) or ((select app.role()) = 'service')));--> statement-breakpoint
CREATE POLICY "Users set what is mailed to them" ON "alert_settings" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("alert_settings"."tenant_id" = (select app.tenant_id())) and ("alert_settings"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Users change what is mailed to them" ON "alert_settings" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("alert_settings"."tenant_id" = (select app.tenant_id())) and ("alert_settings"."user_id" = (select app.user_id()))) WITH CHECK (("alert_settings"."tenant_id" = (select app.tenant_id())) and ("alert_settings"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Users see that their balance is low, admins everything else" ON "alerts" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("alerts"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'service') or (("alerts"."kind" = 'low_balance') and ("alerts"."subject" = (select app.user_id()))) or (("alerts"."kind" <> 'low_balance') and (((select app.role()) = 'admin') or ((select app.role()) = 'superadmin')))));--> statement-breakpoint
CREATE POLICY "The service opens alerts" ON "alerts" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("alerts"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "The service ends alerts" ON "alerts" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("alerts"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service')) WITH CHECK (("alerts"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "The service deletes old alerts" ON "alerts" AS PERMISSIVE FOR DELETE TO "app_worker" USING (("alerts"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Admins, management keys and the service see the deliveries of their tenant" ON "webhook_deliveries" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("webhook_deliveries"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'service') or (((select app.role()) = 'admin') or ((select app.role()) = 'superadmin') or ((select app.has_scope('webhooks:manage'))))));--> statement-breakpoint
CREATE POLICY "The service plans deliveries" ON "webhook_deliveries" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("webhook_deliveries"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "The service records deliveries, admins repeat them" ON "webhook_deliveries" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("webhook_deliveries"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'service') or (((select app.role()) = 'admin') or ((select app.role()) = 'superadmin') or ((select app.has_scope('webhooks:manage')))))) WITH CHECK (("webhook_deliveries"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'service') or (((select app.role()) = 'admin') or ((select app.role()) = 'superadmin') or ((select app.has_scope('webhooks:manage'))))));--> statement-breakpoint
CREATE POLICY "Admins, management keys and the service see the webhooks of their tenant" ON "webhook_endpoints" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("webhook_endpoints"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'service') or (((select app.role()) = 'admin') or ((select app.role()) = 'superadmin') or ((select app.has_scope('webhooks:manage'))))));--> statement-breakpoint
CREATE POLICY "Admins add webhooks to their tenant" ON "webhook_endpoints" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("webhook_endpoints"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'admin') or ((select app.role()) = 'superadmin') or ((select app.has_scope('webhooks:manage')))));--> statement-breakpoint
CREATE POLICY "Admins change the webhooks of their tenant, the service disables them" ON "webhook_endpoints" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("webhook_endpoints"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'service') or (((select app.role()) = 'admin') or ((select app.role()) = 'superadmin') or ((select app.has_scope('webhooks:manage')))))) WITH CHECK (("webhook_endpoints"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'service') or (((select app.role()) = 'admin') or ((select app.role()) = 'superadmin') or ((select app.has_scope('webhooks:manage'))))));--> statement-breakpoint
CREATE POLICY "Admins remove the webhooks of their tenant" ON "webhook_endpoints" AS PERMISSIVE FOR DELETE TO "app_worker" USING (("webhook_endpoints"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'admin') or ((select app.role()) = 'superadmin') or ((select app.has_scope('webhooks:manage')))));--> statement-breakpoint
CREATE POLICY "Admins, management keys and the service see the events of their tenant" ON "webhook_events" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("webhook_events"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'service') or (((select app.role()) = 'admin') or ((select app.role()) = 'superadmin') or ((select app.has_scope('webhooks:manage'))))));--> statement-breakpoint
CREATE POLICY "The service writes events" ON "webhook_events" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("webhook_events"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "The service deletes old events" ON "webhook_events" AS PERMISSIVE FOR DELETE TO "app_worker" USING (("webhook_events"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
do $$
declare
  relation text;
begin
  foreach relation in array array['webhook_endpoints', 'webhook_events', 'webhook_deliveries', 'alerts', 'alert_dismissals',
    'alert_settings', 'alert_rules']
  loop
    execute format('alter table %I force row level security', relation);
    execute format(
      'create policy "The owner maintains, on purpose" on %I to current_user using ((select app.role()) = ''operator'') with check ((select app.role()) = ''operator'')',
      relation
    );
    execute format('revoke all on %I from public', relation);
  end loop;
end
$$;
--> statement-breakpoint
grant select, insert, update, delete on webhook_endpoints to app_worker;
--> statement-breakpoint
grant select, insert, delete on webhook_events to app_worker;
--> statement-breakpoint
grant select, insert, update on webhook_deliveries to app_worker;
--> statement-breakpoint
grant select, insert, update, delete on alerts to app_worker;
--> statement-breakpoint
grant select, insert on alert_dismissals to app_worker;
--> statement-breakpoint
grant select, insert, update on alert_settings, alert_rules to app_worker;
--> statement-breakpoint
create trigger touch_updated_at before update on webhook_endpoints for each row execute function app.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on alert_settings for each row execute function app.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on alert_rules for each row execute function app.touch_updated_at();
--> statement-breakpoint
-- Rows are updated with every attempt, and in place while their page has room.
alter table webhook_deliveries set (fillfactor = 80);
--> statement-breakpoint
-- The tables that are emptied so far, and these.
do $$
declare
  emptied text[] := app.tables_emptied_with_tenant() || array['webhook_deliveries', 'webhook_events', 'webhook_endpoints',
    'alert_dismissals', 'alerts', 'alert_settings'];
begin
  execute format(
    'create or replace function app.tables_emptied_with_tenant() returns text[] language sql immutable set search_path = pg_catalog, pg_temp as %L',
    format('select %L::text[]', emptied)
  );
end
$$;
