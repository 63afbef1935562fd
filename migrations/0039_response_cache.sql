ALTER TABLE "ai_executions" ADD COLUMN "response_cache" jsonb;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "response_cache" jsonb;--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_response_cache_in_range" CHECK ("tenants"."response_cache" is null or coalesce(("tenants"."response_cache" ->> 'ttl_s')::integer between 60 and 604800
        and "tenants"."response_cache" ->> 'scope' in ('user', 'tenant')
        and ("tenants"."response_cache" ->> 'price_percent')::integer between 0 and 100, false));--> statement-breakpoint
grant update (response_cache) on tenants to app_worker;
