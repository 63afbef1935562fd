DROP INDEX "wallet_reconciliations_longest_unchecked";--> statement-breakpoint
ALTER TABLE "wallet_reconciliations" ADD COLUMN "acknowledged" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "wallet_reconciliations" ADD COLUMN "repaired_checkpoint" jsonb;