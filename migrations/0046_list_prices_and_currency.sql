ALTER TABLE "ai_models" ADD COLUMN "list_price" jsonb;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "currency_name" text DEFAULT 'credits' NOT NULL;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "currency_name_singular" text DEFAULT 'credit' NOT NULL;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "wallet_tokens_per_usd" integer DEFAULT 1000000 NOT NULL;--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_currency_names_are_short" CHECK (char_length("tenants"."currency_name") between 1 and 30 and char_length("tenants"."currency_name_singular") between 1 and 30);--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_wallet_tokens_per_usd_in_range" CHECK ("tenants"."wallet_tokens_per_usd" between 1 and 1000000000);--> statement-breakpoint
grant update (currency_name, currency_name_singular, wallet_tokens_per_usd) on tenants to app_worker;
