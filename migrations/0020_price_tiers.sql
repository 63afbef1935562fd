ALTER TABLE "ai_model_prices" ADD COLUMN "wallet_tiers" jsonb;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD COLUMN "cost_tiers" jsonb;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD CONSTRAINT "ai_model_prices_tiers_of_owners" CHECK ("ai_model_prices"."cost_tiers" is null or "ai_model_prices"."tenant_id" = "ai_model_prices"."model_tenant_id");