CREATE TABLE "tenant_budgets" (
	"tenant_id" uuid PRIMARY KEY NOT NULL,
	"mode" text DEFAULT 'prepaid' NOT NULL,
	"enforcement" text DEFAULT 'hard' NOT NULL,
	"limit_micro_usd" bigint,
	"warning_thresholds_percent" integer[] DEFAULT '{80,95}' NOT NULL,
	"markup_basis_points" integer DEFAULT 0 NOT NULL,
	"own_key_fee_micro_usd" bigint DEFAULT 0 NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_budgets_mode_is_known" CHECK ("tenant_budgets"."mode" in ('prepaid', 'monthly')),
	CONSTRAINT "tenant_budgets_enforcement_is_known" CHECK ("tenant_budgets"."enforcement" in ('monitor', 'warn', 'hard')),
	CONSTRAINT "tenant_budgets_months_have_a_limit" CHECK (("tenant_budgets"."mode" = 'monthly') = ("tenant_budgets"."limit_micro_usd" is not null)),
	CONSTRAINT "tenant_budgets_thresholds_are_percent" CHECK (1 <= all ("tenant_budgets"."warning_thresholds_percent") and 100 >= all ("tenant_budgets"."warning_thresholds_percent")),
	CONSTRAINT "tenant_budgets_markup_is_sane" CHECK ("tenant_budgets"."markup_basis_points" between 0 and 1000000),
	CONSTRAINT "tenant_budgets_amounts_in_range" CHECK ("tenant_budgets"."limit_micro_usd" between 0 and 1125899906842624 and "tenant_budgets"."own_key_fee_micro_usd" between 0 and 1125899906842624)
);
--> statement-breakpoint
ALTER TABLE "tenant_budgets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tenant_ledger" (
	"tenant_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"kind" text NOT NULL,
	"operation_id" text NOT NULL,
	"amount" bigint NOT NULL,
	"monthly_delta" bigint NOT NULL,
	"lifetime_delta" bigint NOT NULL,
	"reserved_delta" bigint NOT NULL,
	"overage" bigint NOT NULL,
	"shortfall" bigint,
	"thresholds_crossed" integer[],
	"monthly_after" bigint NOT NULL,
	"lifetime_after" bigint NOT NULL,
	"reserved_after" bigint NOT NULL,
	"overage_after" bigint NOT NULL,
	"period" text NOT NULL,
	"policy_version" bigint NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" uuid,
	"reason" text,
	"reference" text,
	"execution_id" uuid,
	"execution_start" jsonb,
	"execution_outcome" jsonb,
	"at_ms" bigint NOT NULL,
	"prev_hash" text NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_ledger_tenant_id_seq_pk" PRIMARY KEY("tenant_id","seq"),
	CONSTRAINT "tenant_ledger_kind_is_known" CHECK ("tenant_ledger"."kind" in ('allocation', 'credit', 'reserve', 'debit', 'release', 'expiry', 'adjustment', 'rollover')),
	CONSTRAINT "tenant_ledger_starts_with_the_first" CHECK ("tenant_ledger"."seq" > 1 or ("tenant_ledger"."seq" = 1 and "tenant_ledger"."prev_hash" = repeat('0', 64))),
	CONSTRAINT "tenant_ledger_hashes_are_sha256" CHECK ("tenant_ledger"."hash" ~ '^[0-9a-f]{64}$' and "tenant_ledger"."prev_hash" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "tenant_ledger_never_below_zero" CHECK ("tenant_ledger"."monthly_after" + "tenant_ledger"."lifetime_after" >= "tenant_ledger"."reserved_after"),
	CONSTRAINT "tenant_ledger_versions_and_times_are_safe" CHECK ("tenant_ledger"."policy_version" between 0 and 9007199254740991 and "tenant_ledger"."at_ms" between 0 and 9007199254740991),
	CONSTRAINT "tenant_ledger_state_in_range" CHECK ("tenant_ledger"."seq" between 0 and 1125899906842624 and "tenant_ledger"."overage" between 0 and 1125899906842624 and "tenant_ledger"."shortfall" between 0 and 1125899906842624 and "tenant_ledger"."monthly_after" between 0 and 1125899906842624 and "tenant_ledger"."lifetime_after" between 0 and 1125899906842624 and "tenant_ledger"."reserved_after" between 0 and 1125899906842624 and "tenant_ledger"."overage_after" between 0 and 1125899906842624),
	CONSTRAINT "tenant_ledger_deltas_in_range" CHECK ("tenant_ledger"."amount" between -1125899906842624 and 1125899906842624 and "tenant_ledger"."monthly_delta" between -1125899906842624 and 1125899906842624 and "tenant_ledger"."lifetime_delta" between -1125899906842624 and 1125899906842624 and "tenant_ledger"."reserved_delta" between -1125899906842624 and 1125899906842624)
);
--> statement-breakpoint
ALTER TABLE "tenant_ledger" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tenant_wallet_reconciliations" (
	"tenant_id" uuid PRIMARY KEY NOT NULL,
	"status" text NOT NULL,
	"checkpoint" jsonb NOT NULL,
	"wallet_seq" bigint NOT NULL,
	"differences" jsonb NOT NULL,
	"acknowledged" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"repaired_through_seq" bigint DEFAULT 0 NOT NULL,
	"repaired_checkpoint" jsonb,
	"checked_at" timestamp with time zone NOT NULL,
	CONSTRAINT "tenant_wallet_reconciliations_status_is_known" CHECK ("tenant_wallet_reconciliations"."status" in ('ok', 'behind', 'healing', 'different')),
	CONSTRAINT "tenant_wallet_reconciliations_seqs_in_range" CHECK ("tenant_wallet_reconciliations"."wallet_seq" between 0 and 1125899906842624 and "tenant_wallet_reconciliations"."repaired_through_seq" between 0 and 1125899906842624)
);
--> statement-breakpoint
ALTER TABLE "tenant_wallet_reconciliations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tenant_wallets" (
	"tenant_id" uuid PRIMARY KEY NOT NULL,
	"seq" bigint NOT NULL,
	"monthly" bigint NOT NULL,
	"lifetime" bigint NOT NULL,
	"reserved" bigint NOT NULL,
	"overage" bigint NOT NULL,
	"period" text NOT NULL,
	"policy_version" bigint NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_wallets_amounts_in_range" CHECK ("tenant_wallets"."seq" between 0 and 1125899906842624 and "tenant_wallets"."monthly" between 0 and 1125899906842624 and "tenant_wallets"."lifetime" between 0 and 1125899906842624 and "tenant_wallets"."reserved" between 0 and 1125899906842624 and "tenant_wallets"."overage" between 0 and 1125899906842624),
	CONSTRAINT "tenant_wallets_versions_are_safe" CHECK ("tenant_wallets"."policy_version" between 0 and 9007199254740991),
	CONSTRAINT "tenant_wallets_never_below_zero" CHECK ("tenant_wallets"."monthly" + "tenant_wallets"."lifetime" >= "tenant_wallets"."reserved")
);
--> statement-breakpoint
ALTER TABLE "tenant_wallets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "ai_executions" DROP CONSTRAINT "ai_executions_amounts_in_range";--> statement-breakpoint
ALTER TABLE "ai_executions" ADD COLUMN "wholesale_micro_usd" bigint;--> statement-breakpoint
ALTER TABLE "tenant_budgets" ADD CONSTRAINT "tenant_budgets_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant_ledger" ADD CONSTRAINT "tenant_ledger_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant_wallet_reconciliations" ADD CONSTRAINT "tenant_wallet_reconciliations_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant_wallets" ADD CONSTRAINT "tenant_wallets_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ai_executions" ADD CONSTRAINT "ai_executions_amounts_in_range" CHECK ("ai_executions"."tokens_reserved" between 0 and 1125899906842624 and "ai_executions"."shortfall" between 0 and 1125899906842624 and "ai_executions"."tokens_charged" between 0 and 1125899906842624 and "ai_executions"."cost_micro_usd" between 0 and 1125899906842624 and "ai_executions"."wholesale_micro_usd" between 0 and 1125899906842624 and "ai_executions"."input_tokens_bound" between 0 and 1125899906842624);--> statement-breakpoint
CREATE POLICY "Admins see the budget of their tenant" ON "tenant_budgets" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("tenant_budgets"."tenant_id" = (select app.tenant_id())) and ((select app.role()) in ('admin', 'service')) end);--> statement-breakpoint
CREATE POLICY "Superadmins set the budgets of tenants" ON "tenant_budgets" AS PERMISSIVE FOR UPDATE TO "app_worker" USING ((select app.role()) = 'superadmin') WITH CHECK ((select app.role()) = 'superadmin');--> statement-breakpoint
CREATE POLICY "Admins see the ledger of their tenant" ON "tenant_ledger" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("tenant_ledger"."tenant_id" = (select app.tenant_id())) and ((select app.role()) in ('admin', 'service')) end);--> statement-breakpoint
CREATE POLICY "Only the journal writes tenants' ledgers" ON "tenant_ledger" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("tenant_ledger"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Admins see how the wallet of their tenant stands" ON "tenant_wallet_reconciliations" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("tenant_wallet_reconciliations"."tenant_id" = (select app.tenant_id())) and ((select app.role()) in ('admin', 'service')) end);--> statement-breakpoint
CREATE POLICY "Only the check writes its findings about tenants' wallets" ON "tenant_wallet_reconciliations" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("tenant_wallet_reconciliations"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Only the check replaces its findings about tenants' wallets" ON "tenant_wallet_reconciliations" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("tenant_wallet_reconciliations"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service')) WITH CHECK (("tenant_wallet_reconciliations"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Admins see the wallet of their tenant" ON "tenant_wallets" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("tenant_wallets"."tenant_id" = (select app.tenant_id())) and ((select app.role()) in ('admin', 'service')) end);--> statement-breakpoint
CREATE POLICY "Only the journal writes tenants' wallets" ON "tenant_wallets" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("tenant_wallets"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Only the journal moves tenants' wallets" ON "tenant_wallets" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("tenant_wallets"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service')) WITH CHECK (("tenant_wallets"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint

do $$
declare
  relation text;
begin
  foreach relation in array array['tenant_budgets', 'tenant_ledger', 'tenant_wallet_reconciliations', 'tenant_wallets']
  loop
    execute format('alter table %I force row level security', relation);
    execute format(
      'create policy "The owner maintains, on purpose" on %I to current_user using ((select app.role()) = ''operator'') with check ((select app.role()) = ''operator'')',
      relation
    );
    execute format('revoke all on %I from public', relation);
  end loop;
end
$$;
--> statement-breakpoint
grant select, update (mode, enforcement, limit_micro_usd, warning_thresholds_percent, markup_basis_points,
  own_key_fee_micro_usd, changed_at) on tenant_budgets to app_worker;
--> statement-breakpoint
grant select, insert on tenant_ledger to app_worker;
--> statement-breakpoint
grant select, insert, update on tenant_wallets, tenant_wallet_reconciliations to app_worker;
--> statement-breakpoint

create trigger append_only before update or delete on tenant_ledger
  for each row execute function app.refuse_change();
--> statement-breakpoint
create trigger never_truncated before truncate on tenant_ledger
  for each statement execute function app.refuse_change();
--> statement-breakpoint
-- The same rule as for users' wallets (app.refuse_fork).
create function app.refuse_tenant_fork() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from public.tenant_ledger l
    where l.tenant_id = new.tenant_id and l.seq between new.seq - 1 and new.seq + 1
      and case l.seq - new.seq
        when -1 then l.hash <> new.prev_hash
        when 0 then l.hash <> new.hash
        else l.prev_hash <> new.hash
      end
  ) then
    raise exception 'the journal of the wallet of tenant % forks at entry %', new.tenant_id, new.seq using errcode = 'VS003';
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger refuse_fork before insert on tenant_ledger
  for each row execute function app.refuse_tenant_fork();
--> statement-breakpoint
create trigger touch_updated_at before update on tenant_wallets
  for each row execute function app.touch_updated_at();
--> statement-breakpoint

-- Wallets keep the budget with the highest version. A change that names a higher one keeps it, because the wallet has adopted
-- it already; any other change gets one.
create function app.touch_changed_at() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if new.changed_at <= old.changed_at then
    new.changed_at = greatest(clock_timestamp(), old.changed_at + interval '1 microsecond');
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger touch_changed_at before update on tenant_budgets
  for each row execute function app.touch_changed_at();
--> statement-breakpoint

-- Nobody may insert a budget, so that no tenant has two and none begins with a generous one: a new tenant brings its own.
create function app.open_budget() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
begin
  perform set_config('app.role', 'operator', true);
  insert into public.tenant_budgets (tenant_id) values (new.id);
  perform set_config('app.role', role_before, true);
  return null;
end
$$;
--> statement-breakpoint
create trigger open_budget after insert on tenants
  for each row execute function app.open_budget();
--> statement-breakpoint
revoke execute on function app.refuse_tenant_fork(), app.touch_changed_at(), app.open_budget() from public;
--> statement-breakpoint

-- What exists goes on working: the tenants of before are watched, not stopped.
do $$
begin
  perform set_config('app.role', 'operator', true);
  insert into tenant_budgets (tenant_id, enforcement) select id, 'monitor' from tenants;
end
$$;
--> statement-breakpoint

-- Every tenant has a wallet to check, with users or without.
create or replace function app.tenants_with_wallets() returns setof uuid language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  role_before text := coalesce(app.role(), '');
begin
  perform set_config('app.role', 'operator', true);
  return query select t.id from public.tenants t order by t.id;
  perform set_config('app.role', role_before, true);
end
$$;
