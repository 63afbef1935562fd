ALTER TABLE "tenants" ADD COLUMN "support_email" text;--> statement-breakpoint
grant update (support_email) on tenants to app_worker;
