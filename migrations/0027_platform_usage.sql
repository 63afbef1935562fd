CREATE TABLE "daily_usage" (
	"tenant_id" uuid NOT NULL,
	"day" date NOT NULL,
	"model" text NOT NULL,
	"key_owner" text NOT NULL,
	"executions" bigint DEFAULT 0 NOT NULL,
	"failed_executions" bigint DEFAULT 0 NOT NULL,
	"input_tokens" bigint DEFAULT 0 NOT NULL,
	"output_tokens" bigint DEFAULT 0 NOT NULL,
	"tokens_charged" bigint DEFAULT 0 NOT NULL,
	"cost_micro_usd" bigint DEFAULT 0 NOT NULL,
	"wholesale_micro_usd" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "daily_usage_tenant_id_day_model_key_owner_pk" PRIMARY KEY("tenant_id","day","model","key_owner"),
	CONSTRAINT "daily_usage_key_owner_is_known" CHECK ("daily_usage"."key_owner" in ('platform', 'tenant'))
);
--> statement-breakpoint
ALTER TABLE "daily_usage" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "provider_calls" (
	"tenant_id" uuid NOT NULL,
	"provider_id" uuid NOT NULL,
	"slot" integer NOT NULL,
	"hour" integer NOT NULL,
	"calls" bigint DEFAULT 0 NOT NULL,
	"failures" bigint DEFAULT 0 NOT NULL,
	"last_failure" text,
	"last_failed_at_ms" bigint,
	CONSTRAINT "provider_calls_tenant_id_provider_id_slot_pk" PRIMARY KEY("tenant_id","provider_id","slot"),
	CONSTRAINT "provider_calls_slot_is_of_the_hour" CHECK ("provider_calls"."slot" = "provider_calls"."hour" % 48)
);
--> statement-breakpoint
ALTER TABLE "provider_calls" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "daily_usage" ADD CONSTRAINT "daily_usage_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "provider_calls" ADD CONSTRAINT "provider_calls_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "daily_usage_by_day" ON "daily_usage" USING btree ("day","tenant_id");--> statement-breakpoint
CREATE INDEX "wallet_reconciliations_different" ON "wallet_reconciliations" USING btree ("tenant_id","user_id") WHERE "wallet_reconciliations"."status" = 'different';--> statement-breakpoint
CREATE POLICY "Superadmins see usage, and the service that of its tenant" ON "daily_usage" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("daily_usage"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service') end);--> statement-breakpoint
CREATE POLICY "Only the journal writes usage" ON "daily_usage" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("daily_usage"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Only the journal adds usage" ON "daily_usage" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("daily_usage"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service')) WITH CHECK (("daily_usage"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Superadmins see calls, and the service those of its tenant" ON "provider_calls" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("provider_calls"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service') end);--> statement-breakpoint
CREATE POLICY "Only the journal writes calls" ON "provider_calls" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("provider_calls"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Only the journal counts calls" ON "provider_calls" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("provider_calls"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service')) WITH CHECK (("provider_calls"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint

do $$
declare
  relation text;
begin
  foreach relation in array array['daily_usage', 'provider_calls']
  loop
    execute format('alter table %I force row level security', relation);
    execute format(
      'create policy "The owner maintains, on purpose" on %I to current_user using ((select app.role()) = ''operator'') with check ((select app.role()) = ''operator'')',
      relation
    );
    execute format('revoke all on %I from public', relation);
    -- Rows are updated often, and in place while their page has room.
    execute format('alter table %I set (fillfactor = 60)', relation);
  end loop;
end
$$;
--> statement-breakpoint
grant select, insert, update on daily_usage, provider_calls to app_worker;
--> statement-breakpoint

-- Add what changed executions have become to the usage of their day, and take away what they were. So usage is the sum over
-- executions after every statement, however often and in whatever order the journal brings them, and after a repair. Rows are locked
-- in the order of their keys: two consumers never wait for each other.
-- Of provider calls, failures that the request caused are not the provider's. A call outside of the last 48 hours has no place.
-- An insert has no rows of before, so it has a function of its own, with the same text.
do $do$
declare
  body text := $body$
declare
  this_hour bigint := floor(extract(epoch from now()) / 3600);
begin
  if not exists (select from CHANGES changes) then
    return null;
  end if;
  insert into public.daily_usage as u (tenant_id, day, model, key_owner, executions, failed_executions, input_tokens,
      output_tokens, tokens_charged, cost_micro_usd, wholesale_micro_usd)
    select tenant_id, date '1970-01-01' + (finished_at_ms / 86400000)::integer, coalesce(model, ''),
      case when price ->> 'cost_list' = 'tenant' and tenant_id <> app.platform_tenant_id() then 'tenant' else 'platform' end,
      sum(sign), coalesce(sum(sign) filter (where status in ('failed', 'expired')), 0),
      sum(sign * (coalesce((usage ->> 'input_tokens')::bigint, 0) + coalesce((usage ->> 'input_image_tokens')::bigint, 0)
        + coalesce((usage ->> 'input_audio_tokens')::bigint, 0) + coalesce((usage ->> 'cache_read_tokens')::bigint, 0)
        + coalesce((usage ->> 'cache_write_tokens')::bigint, 0))),
      sum(sign * (coalesce((usage ->> 'output_tokens')::bigint, 0) + coalesce((usage ->> 'output_image_tokens')::bigint, 0)
        + coalesce((usage ->> 'output_audio_tokens')::bigint, 0))),
      sum(sign * tokens_charged), sum(sign * cost_micro_usd), sum(sign * coalesce(wholesale_micro_usd, 0))
    from CHANGES changes
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (tenant_id, day, model, key_owner) do update set executions = u.executions + excluded.executions,
      failed_executions = u.failed_executions + excluded.failed_executions,
      input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
      tokens_charged = u.tokens_charged + excluded.tokens_charged,
      cost_micro_usd = u.cost_micro_usd + excluded.cost_micro_usd,
      wholesale_micro_usd = u.wholesale_micro_usd + excluded.wholesale_micro_usd;
  insert into public.provider_calls as c (tenant_id, provider_id, slot, hour, calls, failures, last_failure, last_failed_at_ms)
    select tenant_id, provider_id, hour % 48, hour, sum(sign), coalesce(sum(sign) filter (where failure is not null), 0),
      (array_agg(failure order by at_ms desc) filter (where failure is not null and sign = 1))[1],
      max(at_ms) filter (where failure is not null and sign = 1)
    from (
      select sign, tenant_id, (call ->> 'provider_id')::uuid as provider_id, (call ->> 'started_at_ms')::bigint as at_ms,
        (call ->> 'started_at_ms')::bigint / 3600000 as hour,
        case when call -> 'failure' ->> 'kind' not in ('invalid_request', 'context_length', 'content_filter')
          then call -> 'failure' ->> 'kind' end as failure
      from CHANGES changes cross join jsonb_array_elements(attempts) call
      where call ? 'provider_id'
    ) calls
    where hour between this_hour - 46 and this_hour + 1
    group by tenant_id, provider_id, hour order by tenant_id, provider_id, hour % 48
    on conflict (tenant_id, provider_id, slot) do update set
      calls = case when excluded.hour > c.hour then excluded.calls
        when excluded.hour = c.hour then c.calls + excluded.calls else c.calls end,
      failures = case when excluded.hour > c.hour then excluded.failures
        when excluded.hour = c.hour then c.failures + excluded.failures else c.failures end,
      last_failure = case when excluded.hour > c.hour or (excluded.hour = c.hour
        and excluded.last_failed_at_ms >= coalesce(c.last_failed_at_ms, 0)) then excluded.last_failure else c.last_failure end,
      last_failed_at_ms = case when excluded.hour > c.hour then excluded.last_failed_at_ms
        when excluded.hour = c.hour then greatest(c.last_failed_at_ms, excluded.last_failed_at_ms) else c.last_failed_at_ms end,
      hour = greatest(c.hour, excluded.hour);
  return null;
end
$body$;
  definition text := 'create function app.%I() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as %L';
  became text := 'select 1 as sign, a.* from after_rows a where a.finished_at_ms is not null';
  were text := 'select -1, b.* from before_rows b where b.finished_at_ms is not null';
begin
  execute format(definition, 'count_new_usage', replace(body, 'CHANGES', '(' || became || ')'));
  execute format(definition, 'count_changed_usage', replace(body, 'CHANGES', '(' || became || ' union all ' || were || ')'));
end
$do$;
--> statement-breakpoint
revoke execute on function app.count_new_usage(), app.count_changed_usage() from public;
--> statement-breakpoint
create trigger count_new_usage after insert on ai_executions
  referencing new table as after_rows for each statement execute function app.count_new_usage();
--> statement-breakpoint
create trigger count_changed_usage after update on ai_executions
  referencing old table as before_rows new table as after_rows for each statement execute function app.count_changed_usage();
--> statement-breakpoint

-- The executions of before. The triggers hold back the journal until the end of this transaction, so none is left out.
select set_config('app.role', 'operator', true);
--> statement-breakpoint
insert into daily_usage (tenant_id, day, model, key_owner, executions, failed_executions, input_tokens, output_tokens,
    tokens_charged, cost_micro_usd, wholesale_micro_usd)
  select tenant_id, date '1970-01-01' + (finished_at_ms / 86400000)::integer, coalesce(model, ''),
    case when price ->> 'cost_list' = 'tenant' and tenant_id <> app.platform_tenant_id() then 'tenant' else 'platform' end,
    count(*), count(*) filter (where status in ('failed', 'expired')),
    sum(coalesce((usage ->> 'input_tokens')::bigint, 0) + coalesce((usage ->> 'input_image_tokens')::bigint, 0)
      + coalesce((usage ->> 'input_audio_tokens')::bigint, 0) + coalesce((usage ->> 'cache_read_tokens')::bigint, 0)
      + coalesce((usage ->> 'cache_write_tokens')::bigint, 0)),
    sum(coalesce((usage ->> 'output_tokens')::bigint, 0) + coalesce((usage ->> 'output_image_tokens')::bigint, 0)
      + coalesce((usage ->> 'output_audio_tokens')::bigint, 0)),
    sum(tokens_charged), sum(cost_micro_usd), sum(coalesce(wholesale_micro_usd, 0))
  from ai_executions where finished_at_ms is not null group by 1, 2, 3, 4;
--> statement-breakpoint
select set_config('app.role', '', true);
