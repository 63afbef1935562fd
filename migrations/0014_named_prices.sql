ALTER TABLE "ai_model_prices" ALTER COLUMN "input_micro_usd_per_million" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ALTER COLUMN "cache_read_micro_usd_per_million" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ALTER COLUMN "cache_write_micro_usd_per_million" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ALTER COLUMN "output_micro_usd_per_million" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "ai_execution_contents" ALTER COLUMN "input" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "ai_executions" ADD COLUMN "price" jsonb;--> statement-breakpoint
-- What a tenant said of the cost of the platform's models never was its to say, and what is said of it is the platform's own list
-- from now on. What was charged by it stays as it was charged, and what was said stays in the audit log.
do $$
begin
  perform set_config('app.role', 'operator', true);
  alter table ai_model_prices disable trigger append_only;
  update ai_model_prices set input_micro_usd_per_million = null, cache_read_micro_usd_per_million = null,
    cache_write_micro_usd_per_million = null, output_micro_usd_per_million = null
  where tenant_id <> model_tenant_id;
  alter table ai_model_prices enable trigger append_only;
end
$$;
--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD CONSTRAINT "ai_model_prices_only_owners_say_what_it_costs" CHECK (num_nonnulls("ai_model_prices"."input_micro_usd_per_million", "ai_model_prices"."cache_read_micro_usd_per_million",
        "ai_model_prices"."cache_write_micro_usd_per_million", "ai_model_prices"."output_micro_usd_per_million")
        = case when "ai_model_prices"."tenant_id" = "ai_model_prices"."model_tenant_id" then 4 else 0 end);--> statement-breakpoint
ALTER TABLE "ai_execution_contents" ADD CONSTRAINT "ai_execution_contents_deleted_hold_nothing" CHECK ("ai_execution_contents"."input" is not null or ("ai_execution_contents"."output" is null and "ai_execution_contents"."expires_at" is not null));