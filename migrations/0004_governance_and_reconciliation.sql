CREATE TABLE "wallet_reconciliations" (
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"status" text NOT NULL,
	"checkpoint" jsonb NOT NULL,
	"wallet_seq" bigint NOT NULL,
	"differences" jsonb NOT NULL,
	"repaired_through_seq" bigint DEFAULT 0 NOT NULL,
	"checked_at" timestamp with time zone NOT NULL,
	CONSTRAINT "wallet_reconciliations_tenant_id_user_id_pk" PRIMARY KEY("tenant_id","user_id"),
	CONSTRAINT "wallet_reconciliations_status_is_known" CHECK ("wallet_reconciliations"."status" in ('ok', 'behind', 'healing', 'different')),
	CONSTRAINT "wallet_reconciliations_seqs_in_range" CHECK ("wallet_reconciliations"."wallet_seq" between 0 and 1125899906842624 and "wallet_reconciliations"."repaired_through_seq" between 0 and 1125899906842624)
);
--> statement-breakpoint
ALTER TABLE "wallet_reconciliations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "ai_executions" DROP CONSTRAINT "ai_executions_amounts_in_range";--> statement-breakpoint
ALTER TABLE "user_token_ledger" DROP CONSTRAINT "user_token_ledger_state_in_range";--> statement-breakpoint
ALTER TABLE "ai_executions" ADD COLUMN "shortfall" bigint;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "status_changed_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "user_token_ledger" ADD COLUMN "shortfall" bigint;--> statement-breakpoint
ALTER TABLE "user_token_ledger" ADD COLUMN "thresholds_crossed" integer[];--> statement-breakpoint
ALTER TABLE "wallet_reconciliations" ADD CONSTRAINT "wallet_reconciliations_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "wallet_reconciliations_longest_unchecked" ON "wallet_reconciliations" USING btree ("tenant_id","checked_at");--> statement-breakpoint
ALTER TABLE "ai_executions" ADD CONSTRAINT "ai_executions_amounts_in_range" CHECK ("ai_executions"."tokens_reserved" between 0 and 1125899906842624 and "ai_executions"."shortfall" between 0 and 1125899906842624 and "ai_executions"."tokens_charged" between 0 and 1125899906842624 and "ai_executions"."cost_micro_usd" between 0 and 1125899906842624 and "ai_executions"."input_tokens_bound" between 0 and 1125899906842624);--> statement-breakpoint
ALTER TABLE "user_token_ledger" ADD CONSTRAINT "user_token_ledger_state_in_range" CHECK ("user_token_ledger"."seq" between 0 and 1125899906842624 and "user_token_ledger"."overage" between 0 and 1125899906842624 and "user_token_ledger"."shortfall" between 0 and 1125899906842624 and "user_token_ledger"."monthly_after" between 0 and 1125899906842624 and "user_token_ledger"."lifetime_after" between 0 and 1125899906842624 and "user_token_ledger"."reserved_after" between 0 and 1125899906842624 and "user_token_ledger"."overage_after" between 0 and 1125899906842624);--> statement-breakpoint
CREATE POLICY "Admins govern the users of their tenant, superadmins everybody" ON "users" AS PERMISSIVE FOR UPDATE TO "app_worker" USING ((("users"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin') and ("users"."role" <> 'superadmin')) or ((select app.role()) = 'superadmin')) WITH CHECK ((("users"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin') and ("users"."role" <> 'superadmin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Admins set the policies of their tenant's levels" ON "level_token_policies" AS PERMISSIVE FOR UPDATE TO "app_worker" USING ((("level_token_policies"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin')) WITH CHECK ((("level_token_policies"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Admins override for their tenant's users" ON "user_token_policies" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK ((("user_token_policies"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Admins change the overrides of their tenant's users" ON "user_token_policies" AS PERMISSIVE FOR UPDATE TO "app_worker" USING ((("user_token_policies"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin')) WITH CHECK ((("user_token_policies"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'admin')) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Admins see how the wallets of their tenant stand" ON "wallet_reconciliations" AS PERMISSIVE FOR SELECT TO "app_worker" USING ((("wallet_reconciliations"."tenant_id" = (select app.tenant_id())) and (((select app.role()) = 'admin') or ((select app.role()) = 'service'))) or ((select app.role()) = 'superadmin'));--> statement-breakpoint
CREATE POLICY "Only the check writes its findings" ON "wallet_reconciliations" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("wallet_reconciliations"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Only the check replaces its findings" ON "wallet_reconciliations" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("wallet_reconciliations"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service')) WITH CHECK (("wallet_reconciliations"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));