CREATE TABLE "conversation_messages" (
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"parent_id" uuid,
	"role" text NOT NULL,
	"content_ciphertext" text NOT NULL,
	"bytes" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "conversation_messages_tenant_id_user_id_conversation_id_id_pk" PRIMARY KEY("tenant_id","user_id","conversation_id","id"),
	CONSTRAINT "conversation_messages_role_is_known" CHECK ("conversation_messages"."role" in ('user', 'assistant')),
	CONSTRAINT "conversation_messages_have_a_size" CHECK ("conversation_messages"."bytes" > 0)
);
--> statement-breakpoint
ALTER TABLE "conversation_messages" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "conversations" (
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"title_ciphertext" text NOT NULL,
	"settings_ciphertext" text NOT NULL,
	"shown_message_id" uuid,
	"message_count" integer DEFAULT 0 NOT NULL,
	"bytes" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "conversations_tenant_id_user_id_id_pk" PRIMARY KEY("tenant_id","user_id","id"),
	CONSTRAINT "conversations_figures_are_counts" CHECK ("conversations"."message_count" between 0 and 9007199254740991 and "conversations"."bytes" between 0 and 9007199254740991)
);
--> statement-breakpoint
ALTER TABLE "conversations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "keeps_conversations" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "conversation_messages" ADD CONSTRAINT "conversation_messages_are_of_a_conversation" FOREIGN KEY ("tenant_id","user_id","conversation_id") REFERENCES "public"."conversations"("tenant_id","user_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "Messages are read by their user alone" ON "conversation_messages" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("conversation_messages"."tenant_id" = (select app.tenant_id())) and ("conversation_messages"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Messages are added by their user" ON "conversation_messages" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("conversation_messages"."tenant_id" = (select app.tenant_id())) and ("conversation_messages"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Answers are completed by their user" ON "conversation_messages" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("conversation_messages"."tenant_id" = (select app.tenant_id())) and ("conversation_messages"."user_id" = (select app.user_id()))) WITH CHECK (("conversation_messages"."tenant_id" = (select app.tenant_id())) and ("conversation_messages"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Messages are deleted by their user" ON "conversation_messages" AS PERMISSIVE FOR DELETE TO "app_worker" USING (("conversation_messages"."tenant_id" = (select app.tenant_id())) and ("conversation_messages"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Conversations are read by their user alone" ON "conversations" AS PERMISSIVE FOR SELECT TO "app_worker" USING (("conversations"."tenant_id" = (select app.tenant_id())) and ("conversations"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Conversations are begun by their user" ON "conversations" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("conversations"."tenant_id" = (select app.tenant_id())) and ("conversations"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Conversations are changed by their user" ON "conversations" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("conversations"."tenant_id" = (select app.tenant_id())) and ("conversations"."user_id" = (select app.user_id()))) WITH CHECK (("conversations"."tenant_id" = (select app.tenant_id())) and ("conversations"."user_id" = (select app.user_id())));--> statement-breakpoint
CREATE POLICY "Conversations are deleted by their user" ON "conversations" AS PERMISSIVE FOR DELETE TO "app_worker" USING (("conversations"."tenant_id" = (select app.tenant_id())) and ("conversations"."user_id" = (select app.user_id())));
--> statement-breakpoint
alter table conversations force row level security;
--> statement-breakpoint
alter table conversation_messages force row level security;
--> statement-breakpoint
create policy "The owner maintains, on purpose" on conversations to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
create policy "The owner maintains, on purpose" on conversation_messages to current_user
  using ((select app.role()) = 'operator') with check ((select app.role()) = 'operator');
--> statement-breakpoint
revoke all on conversations, conversation_messages from public;
--> statement-breakpoint
grant select, insert, delete on conversations, conversation_messages to app_worker;
--> statement-breakpoint
grant update (title_ciphertext, settings_ciphertext, shown_message_id, message_count, bytes, used_at) on conversations to app_worker;
--> statement-breakpoint
grant update (content_ciphertext, bytes) on conversation_messages to app_worker;
--> statement-breakpoint
grant update (keeps_conversations) on tenants to app_worker;
--> statement-breakpoint
-- Conversations go with the account: `app.close_own_account` sets `closed_at` as the operator.
create function app.delete_conversations_of_closed() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from public.conversations c where c.tenant_id = new.tenant_id and c.user_id = new.id;
  return null;
end
$$;
--> statement-breakpoint
revoke execute on function app.delete_conversations_of_closed() from public;
--> statement-breakpoint
create trigger delete_conversations_of_closed after update of closed_at on users
  for each row when (old.closed_at is null and new.closed_at is not null)
  execute function app.delete_conversations_of_closed();
--> statement-breakpoint
-- Adds two tables to the list, whatever earlier migrations have put there.
do $$
begin
  execute format(
    'create or replace function app.tables_emptied_with_tenant() returns text[] language sql immutable
     set search_path = pg_catalog, pg_temp as $f$ select %L::text[] $f$',
    app.tables_emptied_with_tenant() || array['conversation_messages', 'conversations']);
end
$$;
