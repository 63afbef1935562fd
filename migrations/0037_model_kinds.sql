ALTER TABLE "ai_models" DROP CONSTRAINT "ai_models_limits_are_positive";--> statement-breakpoint
ALTER TABLE "ai_models" ADD COLUMN "kind" text DEFAULT 'chat' NOT NULL;--> statement-breakpoint
ALTER TABLE "ai_models" ADD CONSTRAINT "ai_models_kind_is_known" CHECK ("ai_models"."kind" in ('chat', 'embedding', 'image', 'speech', 'transcription', 'moderation'));--> statement-breakpoint
ALTER TABLE "ai_models" ADD CONSTRAINT "ai_models_limits_are_positive" CHECK ("ai_models"."context_window_tokens" > 0 and "ai_models"."max_output_tokens" >= case when "ai_models"."kind" in ('chat', 'image', 'speech', 'transcription') then 1 else 0 end);
