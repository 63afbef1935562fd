CREATE TABLE "ai_model_prices" (
	"tenant_id" uuid NOT NULL,
	"model_tenant_id" uuid NOT NULL,
	"model_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"effective_from" timestamp with time zone DEFAULT now() NOT NULL,
	"input_micro_usd_per_million" bigint NOT NULL,
	"cache_read_micro_usd_per_million" bigint NOT NULL,
	"cache_write_micro_usd_per_million" bigint NOT NULL,
	"output_micro_usd_per_million" bigint NOT NULL,
	"input_wallet_tokens_per_1000" bigint NOT NULL,
	"cache_read_wallet_tokens_per_1000" bigint NOT NULL,
	"cache_write_wallet_tokens_per_1000" bigint NOT NULL,
	"output_wallet_tokens_per_1000" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ai_model_prices_tenant_id_model_tenant_id_model_id_version_pk" PRIMARY KEY("tenant_id","model_tenant_id","model_id","version"),
	CONSTRAINT "ai_model_prices_price_own_or_platform_models" CHECK ("ai_model_prices"."model_tenant_id" in ("ai_model_prices"."tenant_id", app.platform_tenant_id())),
	CONSTRAINT "ai_model_prices_in_range" CHECK ("ai_model_prices"."input_micro_usd_per_million" between 0 and 1125899906842624 and "ai_model_prices"."cache_read_micro_usd_per_million" between 0 and 1125899906842624 and "ai_model_prices"."cache_write_micro_usd_per_million" between 0 and 1125899906842624 and "ai_model_prices"."output_micro_usd_per_million" between 0 and 1125899906842624 and "ai_model_prices"."input_wallet_tokens_per_1000" between 0 and 1125899906842624 and "ai_model_prices"."cache_read_wallet_tokens_per_1000" between 0 and 1125899906842624 and "ai_model_prices"."cache_write_wallet_tokens_per_1000" between 0 and 1125899906842624 and "ai_model_prices"."output_wallet_tokens_per_1000" between 0 and 1125899906842624)
);
--> statement-breakpoint
ALTER TABLE "ai_model_prices" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "ai_models" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"provider_id" uuid NOT NULL,
	"public_name" text NOT NULL,
	"provider_model" text NOT NULL,
	"context_window_tokens" integer NOT NULL,
	"max_output_tokens" integer NOT NULL,
	"capabilities" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"priority" integer DEFAULT 0 NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ai_models_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "ai_models_candidate_once" UNIQUE("tenant_id","provider_id","public_name","provider_model"),
	CONSTRAINT "ai_models_limits_are_positive" CHECK ("ai_models"."context_window_tokens" > 0 and "ai_models"."max_output_tokens" > 0)
);
--> statement-breakpoint
ALTER TABLE "ai_models" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "ai_providers" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"base_url" text,
	"priority" integer NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"api_key_ciphertext" text,
	"api_key_version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ai_providers_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "ai_providers_name_once_per_tenant" UNIQUE("tenant_id","name"),
	CONSTRAINT "ai_providers_kind_is_known" CHECK ("ai_providers"."kind" in ('openai', 'anthropic', 'google')),
	CONSTRAINT "ai_providers_base_url_is_https" CHECK ("ai_providers"."base_url" is null or "ai_providers"."base_url" ~ '^https://'),
	CONSTRAINT "ai_providers_tenants_bring_their_key" CHECK ("ai_providers"."api_key_ciphertext" is not null or "ai_providers"."tenant_id" = app.platform_tenant_id())
);
--> statement-breakpoint
ALTER TABLE "ai_providers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "ai_execution_contents" (
	"tenant_id" uuid NOT NULL,
	"execution_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"input" jsonb NOT NULL,
	"output" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ai_execution_contents_tenant_id_execution_id_pk" PRIMARY KEY("tenant_id","execution_id")
);
--> statement-breakpoint
ALTER TABLE "ai_execution_contents" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "ai_executions" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"status" text DEFAULT 'running' NOT NULL,
	"model" text,
	"api_key_id" uuid,
	"input_tokens_bound" bigint,
	"max_output_tokens" integer,
	"price_version" integer,
	"tokens_reserved" bigint,
	"started_at_ms" bigint,
	"provider_name" text,
	"provider_model" text,
	"finish_reason" text,
	"usage" jsonb,
	"usage_source" text,
	"tokens_charged" bigint DEFAULT 0 NOT NULL,
	"cost_micro_usd" bigint DEFAULT 0 NOT NULL,
	"attempts" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"error_code" text,
	"finished_at_ms" bigint,
	CONSTRAINT "ai_executions_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "ai_executions_status_is_known" CHECK ("ai_executions"."status" in ('running', 'succeeded', 'failed', 'cancelled', 'expired')),
	CONSTRAINT "ai_executions_amounts_in_range" CHECK ("ai_executions"."tokens_reserved" between 0 and 1125899906842624 and "ai_executions"."tokens_charged" between 0 and 1125899906842624 and "ai_executions"."cost_micro_usd" between 0 and 1125899906842624 and "ai_executions"."input_tokens_bound" between 0 and 1125899906842624),
	CONSTRAINT "ai_executions_times_are_safe" CHECK ("ai_executions"."started_at_ms" between 0 and 9007199254740991 and "ai_executions"."finished_at_ms" between 0 and 9007199254740991)
);
--> statement-breakpoint
ALTER TABLE "ai_executions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "levels" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"is_default" boolean DEFAULT false NOT NULL,
	"features" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"allowed_models" text[],
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "levels_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "levels_slug_once_per_tenant" UNIQUE("tenant_id","slug")
);
--> statement-breakpoint
ALTER TABLE "levels" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tenant_domains" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"hostname" text NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"verification_token" text NOT NULL,
	"verified_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_domains_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "tenant_domains_hostname_once_per_tenant" UNIQUE("tenant_id","hostname"),
	CONSTRAINT "tenant_domains_hostname_is_lower_case" CHECK ("tenant_domains"."hostname" = lower("tenant_domains"."hostname") and "tenant_domains"."hostname" !~ '[^a-z0-9.-]'),
	CONSTRAINT "tenant_domains_status_is_known" CHECK ("tenant_domains"."status" in ('pending', 'active', 'failed'))
);
--> statement-breakpoint
ALTER TABLE "tenant_domains" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tenants" (
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"name" text NOT NULL,
	"tagline" text,
	"logo_url" text,
	"primary_color" text NOT NULL,
	"registration_open" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenants_slug_unique" UNIQUE("slug"),
	CONSTRAINT "tenants_slug_is_a_hostname_label" CHECK ("tenants"."slug" ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
	CONSTRAINT "tenants_status_is_known" CHECK ("tenants"."status" in ('active', 'suspended')),
	CONSTRAINT "tenants_primary_color_is_hex" CHECK ("tenants"."primary_color" ~* '^#[0-9a-f]{6}$')
);
--> statement-breakpoint
ALTER TABLE "tenants" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "api_keys" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"scopes" text[] DEFAULT '{}' NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "api_keys_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "api_keys_key_hash_unique" UNIQUE("key_hash"),
	CONSTRAINT "api_keys_name_once_per_user" UNIQUE("tenant_id","user_id","name")
);
--> statement-breakpoint
ALTER TABLE "api_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "audit_log" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor_user_id" uuid NOT NULL,
	"actor_role" text NOT NULL,
	"action" text NOT NULL,
	"target_type" text NOT NULL,
	"target_id" text NOT NULL,
	"request_id" text NOT NULL,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "audit_log_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "audit_log" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "users" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"email" text NOT NULL,
	"name" text,
	"password_hash" text NOT NULL,
	"role" text DEFAULT 'user' NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"level_id" uuid NOT NULL,
	"signed_out_at" timestamp with time zone,
	"policy_changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "users_email_is_lower_case" CHECK ("users"."email" = lower("users"."email")),
	CONSTRAINT "users_role_is_known" CHECK ("users"."role" in ('user', 'admin', 'superadmin')),
	CONSTRAINT "users_status_is_known" CHECK ("users"."status" in ('active', 'disabled')),
	CONSTRAINT "users_superadmins_belong_to_the_platform" CHECK ("users"."role" <> 'superadmin' or "users"."tenant_id" = app.platform_tenant_id())
);
--> statement-breakpoint
ALTER TABLE "users" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "level_token_policies" (
	"tenant_id" uuid NOT NULL,
	"level_id" uuid NOT NULL,
	"mode" text,
	"allocation_tokens" bigint,
	"rollover_cap_tokens" bigint,
	"enforcement" text,
	"warning_thresholds_percent" integer[],
	"reservation_lifetime_ms" integer,
	"in_flight_max" integer,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "level_token_policies_tenant_id_level_id_pk" PRIMARY KEY("tenant_id","level_id"),
	CONSTRAINT "level_token_policies_are_complete" CHECK (num_nulls("level_token_policies"."mode", "level_token_policies"."allocation_tokens", "level_token_policies"."rollover_cap_tokens", "level_token_policies"."enforcement", "level_token_policies"."warning_thresholds_percent", "level_token_policies"."reservation_lifetime_ms", "level_token_policies"."in_flight_max") = 0),
	CONSTRAINT "level_token_policies_mode_is_known" CHECK ("level_token_policies"."mode" in ('lifetime', 'monthly')),
	CONSTRAINT "level_token_policies_enforcement_is_known" CHECK ("level_token_policies"."enforcement" in ('monitor', 'warn', 'hard')),
	CONSTRAINT "level_token_policies_thresholds_are_percent" CHECK (1 <= all ("level_token_policies"."warning_thresholds_percent") and 100 >= all ("level_token_policies"."warning_thresholds_percent")),
	CONSTRAINT "level_token_policies_reservation_lifetime_is_sane" CHECK ("level_token_policies"."reservation_lifetime_ms" between 1000 and 3600000),
	CONSTRAINT "level_token_policies_in_flight_is_sane" CHECK ("level_token_policies"."in_flight_max" between 1 and 10000),
	CONSTRAINT "level_token_policies_amounts_in_range" CHECK ("level_token_policies"."allocation_tokens" between 0 and 1125899906842624 and "level_token_policies"."rollover_cap_tokens" between 0 and 1125899906842624)
);
--> statement-breakpoint
ALTER TABLE "level_token_policies" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "user_token_ledger" (
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"kind" text NOT NULL,
	"operation_id" text NOT NULL,
	"amount" bigint NOT NULL,
	"monthly_delta" bigint NOT NULL,
	"lifetime_delta" bigint NOT NULL,
	"reserved_delta" bigint NOT NULL,
	"overage" bigint NOT NULL,
	"monthly_after" bigint NOT NULL,
	"lifetime_after" bigint NOT NULL,
	"reserved_after" bigint NOT NULL,
	"overage_after" bigint NOT NULL,
	"period" text NOT NULL,
	"policy_version" bigint NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" uuid,
	"reason" text,
	"reference" text,
	"execution_id" uuid,
	"execution_start" jsonb,
	"execution_outcome" jsonb,
	"at_ms" bigint NOT NULL,
	"prev_hash" text NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_token_ledger_tenant_id_user_id_seq_pk" PRIMARY KEY("tenant_id","user_id","seq"),
	CONSTRAINT "user_token_ledger_kind_is_known" CHECK ("user_token_ledger"."kind" in ('allocation', 'credit', 'reserve', 'debit', 'release', 'expiry', 'adjustment', 'rollover')),
	CONSTRAINT "user_token_ledger_starts_with_the_first" CHECK ("user_token_ledger"."seq" > 1 or ("user_token_ledger"."seq" = 1 and "user_token_ledger"."prev_hash" = repeat('0', 64))),
	CONSTRAINT "user_token_ledger_hashes_are_sha256" CHECK ("user_token_ledger"."hash" ~ '^[0-9a-f]{64}$' and "user_token_ledger"."prev_hash" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "user_token_ledger_never_below_zero" CHECK ("user_token_ledger"."monthly_after" + "user_token_ledger"."lifetime_after" >= "user_token_ledger"."reserved_after"),
	CONSTRAINT "user_token_ledger_versions_and_times_are_safe" CHECK ("user_token_ledger"."policy_version" between 0 and 9007199254740991 and "user_token_ledger"."at_ms" between 0 and 9007199254740991),
	CONSTRAINT "user_token_ledger_state_in_range" CHECK ("user_token_ledger"."seq" between 0 and 1125899906842624 and "user_token_ledger"."overage" between 0 and 1125899906842624 and "user_token_ledger"."monthly_after" between 0 and 1125899906842624 and "user_token_ledger"."lifetime_after" between 0 and 1125899906842624 and "user_token_ledger"."reserved_after" between 0 and 1125899906842624 and "user_token_ledger"."overage_after" between 0 and 1125899906842624),
	CONSTRAINT "user_token_ledger_deltas_in_range" CHECK ("user_token_ledger"."amount" between -1125899906842624 and 1125899906842624 and "user_token_ledger"."monthly_delta" between -1125899906842624 and 1125899906842624 and "user_token_ledger"."lifetime_delta" between -1125899906842624 and 1125899906842624 and "user_token_ledger"."reserved_delta" between -1125899906842624 and 1125899906842624)
);
--> statement-breakpoint
ALTER TABLE "user_token_ledger" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "user_token_policies" (
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"mode" text,
	"allocation_tokens" bigint,
	"rollover_cap_tokens" bigint,
	"enforcement" text,
	"warning_thresholds_percent" integer[],
	"reservation_lifetime_ms" integer,
	"in_flight_max" integer,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_token_policies_tenant_id_user_id_pk" PRIMARY KEY("tenant_id","user_id"),
	CONSTRAINT "user_token_policies_mode_is_known" CHECK ("user_token_policies"."mode" in ('lifetime', 'monthly')),
	CONSTRAINT "user_token_policies_enforcement_is_known" CHECK ("user_token_policies"."enforcement" in ('monitor', 'warn', 'hard')),
	CONSTRAINT "user_token_policies_thresholds_are_percent" CHECK (1 <= all ("user_token_policies"."warning_thresholds_percent") and 100 >= all ("user_token_policies"."warning_thresholds_percent")),
	CONSTRAINT "user_token_policies_reservation_lifetime_is_sane" CHECK ("user_token_policies"."reservation_lifetime_ms" between 1000 and 3600000),
	CONSTRAINT "user_token_policies_in_flight_is_sane" CHECK ("user_token_policies"."in_flight_max" between 1 and 10000),
	CONSTRAINT "user_token_policies_amounts_in_range" CHECK ("user_token_policies"."allocation_tokens" between 0 and 1125899906842624 and "user_token_policies"."rollover_cap_tokens" between 0 and 1125899906842624)
);
--> statement-breakpoint
ALTER TABLE "user_token_policies" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "user_token_wallets" (
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"monthly" bigint NOT NULL,
	"lifetime" bigint NOT NULL,
	"reserved" bigint NOT NULL,
	"overage" bigint NOT NULL,
	"period" text NOT NULL,
	"policy_version" bigint NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_token_wallets_tenant_id_user_id_pk" PRIMARY KEY("tenant_id","user_id"),
	CONSTRAINT "user_token_wallets_amounts_in_range" CHECK ("user_token_wallets"."seq" between 0 and 1125899906842624 and "user_token_wallets"."monthly" between 0 and 1125899906842624 and "user_token_wallets"."lifetime" between 0 and 1125899906842624 and "user_token_wallets"."reserved" between 0 and 1125899906842624 and "user_token_wallets"."overage" between 0 and 1125899906842624),
	CONSTRAINT "user_token_wallets_versions_are_safe" CHECK ("user_token_wallets"."policy_version" between 0 and 9007199254740991),
	CONSTRAINT "user_token_wallets_never_below_zero" CHECK ("user_token_wallets"."monthly" + "user_token_wallets"."lifetime" >= "user_token_wallets"."reserved")
);
--> statement-breakpoint
ALTER TABLE "user_token_wallets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD CONSTRAINT "ai_model_prices_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD CONSTRAINT "ai_model_prices_of_a_model" FOREIGN KEY ("model_tenant_id","model_id") REFERENCES "public"."ai_models"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ai_models" ADD CONSTRAINT "ai_models_tenant_id_provider_id_ai_providers_tenant_id_id_fk" FOREIGN KEY ("tenant_id","provider_id") REFERENCES "public"."ai_providers"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ai_providers" ADD CONSTRAINT "ai_providers_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ai_execution_contents" ADD CONSTRAINT "ai_execution_contents_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ai_executions" ADD CONSTRAINT "ai_executions_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "levels" ADD CONSTRAINT "levels_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant_domains" ADD CONSTRAINT "tenant_domains_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_log" ADD CONSTRAINT "audit_log_tenant_id_actor_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","actor_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_tenant_id_level_id_levels_tenant_id_id_fk" FOREIGN KEY ("tenant_id","level_id") REFERENCES "public"."levels"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "level_token_policies" ADD CONSTRAINT "level_token_policies_tenant_id_level_id_levels_tenant_id_id_fk" FOREIGN KEY ("tenant_id","level_id") REFERENCES "public"."levels"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_token_ledger" ADD CONSTRAINT "user_token_ledger_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_token_policies" ADD CONSTRAINT "user_token_policies_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_token_wallets" ADD CONSTRAINT "user_token_wallets_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ai_models_by_public_name" ON "ai_models" USING btree ("tenant_id","public_name");--> statement-breakpoint
CREATE INDEX "ai_executions_by_user" ON "ai_executions" USING btree ("tenant_id","user_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "levels_one_default_per_tenant" ON "levels" USING btree ("tenant_id") WHERE is_default;--> statement-breakpoint
CREATE UNIQUE INDEX "tenant_domains_one_active_owner" ON "tenant_domains" USING btree ("hostname") WHERE status = 'active';--> statement-breakpoint
CREATE INDEX "audit_log_by_age" ON "audit_log" USING btree ("tenant_id","at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_once_per_tenant" ON "users" USING btree ("tenant_id","email");--> statement-breakpoint
CREATE POLICY "A tenant sees its own price list and the platform's" ON "ai_model_prices" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("ai_model_prices"."tenant_id" = (select app.tenant_id())) or ("ai_model_prices"."tenant_id" = (select app.platform_tenant_id()) and (select app.tenant_id()) is not null) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "A tenant sees its own models and the platform's" ON "ai_models" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("ai_models"."tenant_id" = (select app.tenant_id())) or ("ai_models"."tenant_id" = (select app.platform_tenant_id()) and (select app.tenant_id()) is not null) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "The service sees its tenant's providers and the platform's, admins their tenant's" ON "ai_providers" AS PERMISSIVE FOR SELECT TO "app_worker" USING ((("ai_providers"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'admin') or ((select app.role()) = 'service'))) or (("ai_providers"."tenant_id" = (select app.platform_tenant_id()) and (select app.tenant_id()) is not null) and ((select app.role()) = 'service')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Contents are for the eyes of their user" ON "ai_execution_contents" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("ai_execution_contents"."tenant_id" = (select app.tenant_id())) and ("ai_execution_contents"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Contents are written by their user" ON "ai_execution_contents" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("ai_execution_contents"."tenant_id" = (select app.tenant_id())) and ("ai_execution_contents"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Contents are deleted by their user" ON "ai_execution_contents" AS PERMISSIVE FOR DELETE TO "app_worker" USING (("ai_execution_contents"."tenant_id" = (select app.tenant_id())) and ("ai_execution_contents"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Users see their own executions, admins their tenant's" ON "ai_executions" AS PERMISSIVE FOR SELECT TO "app_worker" USING ((("ai_executions"."tenant_id" = (select app.tenant_id())) and (("ai_executions"."user_id" = (select app.user_id())) or ((select app.role()) = 'admin') or ((select app.role()) = 'service'))) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Only the journal writes executions" ON "ai_executions" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("ai_executions"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Only the journal completes executions" ON "ai_executions" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("ai_executions"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service')) WITH CHECK (("ai_executions"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Everybody in a tenant sees its levels" ON "levels" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("levels"."tenant_id" = (select app.tenant_id())) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Admins see the domains of their tenant" ON "tenant_domains" AS PERMISSIVE FOR SELECT TO "app_worker" USING ((("tenant_domains"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'admin') or ((select app.role()) = 'service'))) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "A tenant is seen from inside it, and by superadmins" ON "tenants" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("tenants"."id" = (select app.tenant_id())) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Users see their own keys, admins their tenant's" ON "api_keys" AS PERMISSIVE FOR SELECT TO "app_worker" USING ((("api_keys"."tenant_id" = (select app.tenant_id())) and (("api_keys"."user_id" = (select app.user_id())) or ((select app.role()) = 'admin'))) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Users see what they did, admins all of their tenant" ON "audit_log" AS PERMISSIVE FOR SELECT TO "app_worker" USING ((("audit_log"."tenant_id" = (select app.tenant_id())) and (("audit_log"."actor_user_id" = (select app.user_id())) or ((select app.role()) = 'admin'))) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "An entry names the person acting, in the role they have, at this moment" ON "audit_log" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("audit_log"."tenant_id" = (select app.tenant_id())) and (("audit_log"."actor_user_id" = (select app.user_id())) or ((select app.role()) = 'service')) and ("audit_log"."actor_role" = (select app.role())) and ("audit_log"."at" = now()));--> statement-breakpoint
CREATE POLICY "Users see themselves, admins their tenant" ON "users" AS PERMISSIVE FOR SELECT TO "app_worker" USING ((("users"."tenant_id" = (select app.tenant_id())) and (("users"."id" = (select app.user_id())) or ((select app.role()) = 'admin') or ((select app.role()) = 'service'))) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Registration makes plain users of its tenant" ON "users" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("users"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service') and ("users"."role" = 'user'));--> statement-breakpoint
CREATE POLICY "Users change their own row where granted" ON "users" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("users"."tenant_id" = (select app.tenant_id())) and ("users"."id" = (select app.user_id()))) WITH CHECK (("users"."tenant_id" = (select app.tenant_id())) and ("users"."id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Everybody in a tenant sees its levels' policies" ON "level_token_policies" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("level_token_policies"."tenant_id" = (select app.tenant_id())) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Users see their own ledger, admins their tenant's" ON "user_token_ledger" AS PERMISSIVE FOR SELECT TO "app_worker" USING ((("user_token_ledger"."tenant_id" = (select app.tenant_id())) and (("user_token_ledger"."user_id" = (select app.user_id())) or ((select app.role()) = 'admin') or ((select app.role()) = 'service'))) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Only the journal writes the ledger" ON "user_token_ledger" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("user_token_ledger"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Users see their own override, admins their tenant's" ON "user_token_policies" AS PERMISSIVE FOR SELECT TO "app_worker" USING ((("user_token_policies"."tenant_id" = (select app.tenant_id())) and (("user_token_policies"."user_id" = (select app.user_id())) or ((select app.role()) = 'admin') or ((select app.role()) = 'service'))) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Users see their own wallet, admins their tenant's" ON "user_token_wallets" AS PERMISSIVE FOR SELECT TO "app_worker" USING ((("user_token_wallets"."tenant_id" = (select app.tenant_id())) and (("user_token_wallets"."user_id" = (select app.user_id())) or ((select app.role()) = 'admin') or ((select app.role()) = 'service'))) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Only the journal writes wallets" ON "user_token_wallets" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("user_token_wallets"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Only the journal moves wallets" ON "user_token_wallets" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("user_token_wallets"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service')) WITH CHECK (("user_token_wallets"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));