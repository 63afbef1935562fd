ALTER TABLE "ai_model_prices" ADD COLUMN "cache_write_1h_micro_usd_per_million" bigint;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD COLUMN "cache_write_1h_wallet_tokens_per_1000" bigint;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD CONSTRAINT "ai_model_prices_hour_cost_of_owners" CHECK ("ai_model_prices"."cache_write_1h_micro_usd_per_million" is null or "ai_model_prices"."tenant_id" = "ai_model_prices"."model_tenant_id");--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD CONSTRAINT "ai_model_prices_hour_in_range" CHECK ("ai_model_prices"."cache_write_1h_micro_usd_per_million" between 0 and 1125899906842624 and "ai_model_prices"."cache_write_1h_wallet_tokens_per_1000" between 0 and 1125899906842624);
--> statement-breakpoint

-- The triggers that add up usage count the new class as input. No execution has it yet, so no row of usage changes.
do $do$
declare
  counted text := $text$coalesce((usage ->> 'cache_write_tokens')::bigint, 0)$text$;
  name text;
begin
  foreach name in array array['count_new_usage', 'count_changed_usage'] loop
    execute replace(pg_get_functiondef(format('app.%I()', name)::regprocedure), counted,
      counted || ' + ' || replace(counted, 'cache_write_tokens', 'cache_write_1h_tokens'));
  end loop;
end
$do$;
