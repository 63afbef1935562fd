ALTER TABLE "ai_model_prices" ADD COLUMN "input_image_micro_usd_per_million" bigint;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD COLUMN "input_audio_micro_usd_per_million" bigint;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD COLUMN "output_image_micro_usd_per_million" bigint;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD COLUMN "output_audio_micro_usd_per_million" bigint;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD COLUMN "input_image_wallet_tokens_per_1000" bigint;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD COLUMN "input_audio_wallet_tokens_per_1000" bigint;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD COLUMN "output_image_wallet_tokens_per_1000" bigint;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD COLUMN "output_audio_wallet_tokens_per_1000" bigint;--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD CONSTRAINT "ai_model_prices_media_costs_of_owners" CHECK (num_nonnulls("ai_model_prices"."input_image_micro_usd_per_million", "ai_model_prices"."input_audio_micro_usd_per_million",
        "ai_model_prices"."output_image_micro_usd_per_million", "ai_model_prices"."output_audio_micro_usd_per_million") = 0
        or "ai_model_prices"."tenant_id" = "ai_model_prices"."model_tenant_id");--> statement-breakpoint
ALTER TABLE "ai_model_prices" ADD CONSTRAINT "ai_model_prices_media_in_range" CHECK ("ai_model_prices"."input_image_micro_usd_per_million" between 0 and 1125899906842624 and "ai_model_prices"."input_audio_micro_usd_per_million" between 0 and 1125899906842624 and "ai_model_prices"."output_image_micro_usd_per_million" between 0 and 1125899906842624 and "ai_model_prices"."output_audio_micro_usd_per_million" between 0 and 1125899906842624 and "ai_model_prices"."input_image_wallet_tokens_per_1000" between 0 and 1125899906842624 and "ai_model_prices"."input_audio_wallet_tokens_per_1000" between 0 and 1125899906842624 and "ai_model_prices"."output_image_wallet_tokens_per_1000" between 0 and 1125899906842624 and "ai_model_prices"."output_audio_wallet_tokens_per_1000" between 0 and 1125899906842624);