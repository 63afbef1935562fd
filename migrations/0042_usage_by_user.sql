-- Usage is counted anew below. The journal waits meanwhile.
lock table ai_executions in share row exclusive mode;
--> statement-breakpoint
truncate daily_usage;
--> statement-breakpoint
CREATE TABLE "daily_user_usage" (
	"tenant_id" uuid NOT NULL,
	"day" date NOT NULL,
	"user_id" uuid NOT NULL,
	"api_key_id" uuid NOT NULL,
	"model" text NOT NULL,
	"provider_id" uuid NOT NULL,
	"level_id" uuid NOT NULL,
	"key_owner" text NOT NULL,
	"provider_name" text DEFAULT '' NOT NULL,
	"executions" bigint DEFAULT 0 NOT NULL,
	"failed_executions" bigint DEFAULT 0 NOT NULL,
	"input_tokens" bigint DEFAULT 0 NOT NULL,
	"output_tokens" bigint DEFAULT 0 NOT NULL,
	"tokens_charged" bigint DEFAULT 0 NOT NULL,
	"cost_micro_usd" bigint DEFAULT 0 NOT NULL,
	"wholesale_micro_usd" bigint DEFAULT 0 NOT NULL,
	"failovers" bigint DEFAULT 0 NOT NULL,
	"cache_read_tokens" bigint DEFAULT 0 NOT NULL,
	"cache_write_tokens" bigint DEFAULT 0 NOT NULL,
	"image_tokens" bigint DEFAULT 0 NOT NULL,
	"audio_tokens" bigint DEFAULT 0 NOT NULL,
	"reasoning_tokens" bigint DEFAULT 0 NOT NULL,
	"latencies" numeric DEFAULT '0' NOT NULL,
	"first_tokens" numeric DEFAULT '0' NOT NULL,
	CONSTRAINT "daily_user_usage_key" PRIMARY KEY("tenant_id","day","user_id","api_key_id","model","provider_id","level_id","key_owner"),
	CONSTRAINT "daily_user_usage_key_owner_is_known" CHECK ("daily_user_usage"."key_owner" in ('platform', 'tenant'))
);
--> statement-breakpoint
ALTER TABLE "daily_user_usage" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "hourly_user_usage" (
	"tenant_id" uuid NOT NULL,
	"hour" integer NOT NULL,
	"user_id" uuid NOT NULL,
	"api_key_id" uuid NOT NULL,
	"model" text NOT NULL,
	"provider_id" uuid NOT NULL,
	"level_id" uuid NOT NULL,
	"key_owner" text NOT NULL,
	"provider_name" text DEFAULT '' NOT NULL,
	"executions" bigint DEFAULT 0 NOT NULL,
	"failed_executions" bigint DEFAULT 0 NOT NULL,
	"input_tokens" bigint DEFAULT 0 NOT NULL,
	"output_tokens" bigint DEFAULT 0 NOT NULL,
	"tokens_charged" bigint DEFAULT 0 NOT NULL,
	"cost_micro_usd" bigint DEFAULT 0 NOT NULL,
	"wholesale_micro_usd" bigint DEFAULT 0 NOT NULL,
	"failovers" bigint DEFAULT 0 NOT NULL,
	"cache_read_tokens" bigint DEFAULT 0 NOT NULL,
	"cache_write_tokens" bigint DEFAULT 0 NOT NULL,
	"image_tokens" bigint DEFAULT 0 NOT NULL,
	"audio_tokens" bigint DEFAULT 0 NOT NULL,
	"reasoning_tokens" bigint DEFAULT 0 NOT NULL,
	"latencies" numeric DEFAULT '0' NOT NULL,
	"first_tokens" numeric DEFAULT '0' NOT NULL,
	CONSTRAINT "hourly_user_usage_key" PRIMARY KEY("tenant_id","hour","user_id","api_key_id","model","provider_id","level_id","key_owner"),
	CONSTRAINT "hourly_user_usage_key_owner_is_known" CHECK ("hourly_user_usage"."key_owner" in ('platform', 'tenant'))
);
--> statement-breakpoint
ALTER TABLE "hourly_user_usage" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "ai_executions" DROP CONSTRAINT "ai_executions_times_are_safe";--> statement-breakpoint
ALTER TABLE "daily_usage" DROP CONSTRAINT "daily_usage_tenant_id_day_model_key_owner_pk";--> statement-breakpoint
ALTER TABLE "ai_executions" ADD COLUMN "level_id" uuid;--> statement-breakpoint
ALTER TABLE "ai_executions" ADD COLUMN "first_token_ms" bigint;--> statement-breakpoint
ALTER TABLE "daily_usage" ADD COLUMN "provider_id" uuid NOT NULL;--> statement-breakpoint
ALTER TABLE "daily_usage" ADD CONSTRAINT "daily_usage_tenant_id_day_model_provider_id_key_owner_pk" PRIMARY KEY("tenant_id","day","model","provider_id","key_owner");--> statement-breakpoint
ALTER TABLE "daily_usage" ADD COLUMN "provider_name" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "daily_usage" ADD COLUMN "failovers" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "daily_usage" ADD COLUMN "cache_read_tokens" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "daily_usage" ADD COLUMN "cache_write_tokens" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "daily_usage" ADD COLUMN "image_tokens" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "daily_usage" ADD COLUMN "audio_tokens" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "daily_usage" ADD COLUMN "reasoning_tokens" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "daily_usage" ADD COLUMN "latencies" numeric DEFAULT '0' NOT NULL;--> statement-breakpoint
ALTER TABLE "daily_usage" ADD COLUMN "first_tokens" numeric DEFAULT '0' NOT NULL;--> statement-breakpoint
ALTER TABLE "daily_user_usage" ADD CONSTRAINT "daily_user_usage_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hourly_user_usage" ADD CONSTRAINT "hourly_user_usage_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ai_executions" ADD CONSTRAINT "ai_executions_times_are_safe" CHECK ("ai_executions"."started_at_ms" between 0 and 9007199254740991 and "ai_executions"."finished_at_ms" between 0 and 9007199254740991 and "ai_executions"."first_token_ms" between 0 and 9007199254740991);--> statement-breakpoint
DROP POLICY "Superadmins see usage, and the service that of its tenant" ON "daily_usage" CASCADE;--> statement-breakpoint
CREATE POLICY "Admins see the usage of their tenant, superadmins all" ON "daily_usage" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("daily_usage"."tenant_id" = (select app.tenant_id())) and (((select app.role()) in ('admin', 'service')) or ((select app.has_scope('usage:read')))) end);--> statement-breakpoint
CREATE POLICY "Users see their own usage, admins their tenant's" ON "daily_user_usage" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("daily_user_usage"."tenant_id" = (select app.tenant_id())) and (("daily_user_usage"."user_id" = (select app.user_id())) or ((select app.role()) in ('admin', 'service')) or ((select app.has_scope('usage:read')))) end);--> statement-breakpoint
CREATE POLICY "Only the journal writes usage" ON "daily_user_usage" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("daily_user_usage"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Only the journal adds usage" ON "daily_user_usage" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("daily_user_usage"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service')) WITH CHECK (("daily_user_usage"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Users see their own usage, admins their tenant's" ON "hourly_user_usage" AS PERMISSIVE FOR SELECT TO "app_worker" USING (case when (select app.role()) = 'superadmin' then true else ("hourly_user_usage"."tenant_id" = (select app.tenant_id())) and (("hourly_user_usage"."user_id" = (select app.user_id())) or ((select app.role()) in ('admin', 'service')) or ((select app.has_scope('usage:read')))) end);--> statement-breakpoint
CREATE POLICY "Only the journal writes usage" ON "hourly_user_usage" AS PERMISSIVE FOR INSERT TO "app_worker" WITH CHECK (("hourly_user_usage"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));--> statement-breakpoint
CREATE POLICY "Only the journal adds usage" ON "hourly_user_usage" AS PERMISSIVE FOR UPDATE TO "app_worker" USING (("hourly_user_usage"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service')) WITH CHECK (("hourly_user_usage"."tenant_id" = (select app.tenant_id())) and ((select app.role()) = 'service'));
--> statement-breakpoint

do $$
declare
  relation text;
begin
  foreach relation in array array['daily_user_usage', 'hourly_user_usage']
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
grant select, insert, update on daily_user_usage, hourly_user_usage to app_worker;
--> statement-breakpoint

-- The histogram of one duration: 10^(12 b) for its bucket b, of 1.1^b to 1.1^(b+1) ms (worker/db/usage/histogram.ts). Null for none.
create function app.histogram_of(duration_ms bigint) returns numeric language sql immutable strict parallel safe
  return ('1e' || 12 * least(170, floor(ln(greatest(duration_ms, 1)::float8) / ln(1.1::float8)))::integer)::numeric;
--> statement-breakpoint
revoke execute on function app.histogram_of(bigint) from public;
--> statement-breakpoint
grant execute on function app.histogram_of(bigint) to app_worker;
--> statement-breakpoint

-- Add what changed executions have become to usage, and take away what they were, as before (migration 27). The changes are added up by the
-- finest key first, then written to the tables in a fixed order, each in the order of its keys: two consumers never wait for each other.
-- Tokens are added up by the names of their classes, so a class that is added to executions is counted from then on.
do $do$
declare
  body text := $body$
declare
  this_hour bigint := floor(extract(epoch from now()) / 3600);
  changed public.hourly_user_usage[];
begin
  if not exists (select from CHANGES changes) then
    return null;
  end if;
  select array_agg(sums) into changed from (
    select row(tenant_id, finished_at_ms / 3600000, user_id, coalesce(api_key_id, '00000000-0000-0000-0000-000000000000'::uuid),
        coalesce(model, ''), coalesce((attempts -> -1 ->> 'provider_id')::uuid, '00000000-0000-0000-0000-000000000000'::uuid),
        coalesce(level_id, '00000000-0000-0000-0000-000000000000'::uuid),
        case when price ->> 'cost_list' = 'tenant' and tenant_id <> app.platform_tenant_id() then 'tenant' else 'platform' end,
        coalesce(max(attempts -> -1 ->> 'provider_name'), ''), sum(sign),
        coalesce(sum(sign) filter (where status in ('failed', 'expired')), 0), sum(sign * input_tokens), sum(sign * output_tokens),
        sum(sign * tokens_charged), sum(sign * cost_micro_usd), sum(sign * coalesce(wholesale_micro_usd, 0)),
        sum(sign * greatest(jsonb_array_length(attempts) - 1, 0)), sum(sign * cache_read_tokens), sum(sign * cache_write_tokens),
        sum(sign * image_tokens), sum(sign * audio_tokens), sum(sign * reasoning_tokens),
        coalesce(sum(sign * app.histogram_of(finished_at_ms - started_at_ms)) filter (where status = 'succeeded'), 0),
        coalesce(sum(sign * app.histogram_of(first_token_ms)), 0))::public.hourly_user_usage as sums
    from CHANGES changes cross join lateral (
      select coalesce(sum(value::bigint) filter (where key like any (array['input%', 'cache%'])), 0) as input_tokens,
        coalesce(sum(value::bigint) filter (where key like 'output%'), 0) as output_tokens,
        coalesce(sum(value::bigint) filter (where key like 'cache_read%'), 0) as cache_read_tokens,
        coalesce(sum(value::bigint) filter (where key like 'cache_write%'), 0) as cache_write_tokens,
        coalesce(sum(value::bigint) filter (where key like '%image%'), 0) as image_tokens,
        coalesce(sum(value::bigint) filter (where key like '%audio%'), 0) as audio_tokens,
        coalesce(sum(value::bigint) filter (where key like 'reasoning%'), 0) as reasoning_tokens
      from jsonb_each_text(usage)
    ) tokens
    group by tenant_id, finished_at_ms / 3600000, user_id, api_key_id, coalesce(model, ''), attempts -> -1 ->> 'provider_id',
      level_id, price ->> 'cost_list'
  ) grouped;
  insert into public.daily_usage as u (tenant_id, day, model, provider_id, key_owner, provider_name,
      executions, failed_executions, input_tokens, output_tokens, tokens_charged, cost_micro_usd, wholesale_micro_usd,
      failovers, cache_read_tokens, cache_write_tokens, image_tokens, audio_tokens, reasoning_tokens, latencies, first_tokens)
    select tenant_id, date '1970-01-01' + hour / 24, model, provider_id, key_owner, max(provider_name),
      sum(executions), sum(failed_executions), sum(input_tokens), sum(output_tokens), sum(tokens_charged), sum(cost_micro_usd),
      sum(wholesale_micro_usd), sum(failovers), sum(cache_read_tokens), sum(cache_write_tokens), sum(image_tokens),
      sum(audio_tokens), sum(reasoning_tokens), sum(latencies), sum(first_tokens)
    from unnest(changed)
    group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict (tenant_id, day, model, provider_id, key_owner) do update set
      provider_name = coalesce(nullif(excluded.provider_name, ''), u.provider_name),
      executions = u.executions + excluded.executions, failed_executions = u.failed_executions + excluded.failed_executions,
      input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
      tokens_charged = u.tokens_charged + excluded.tokens_charged, cost_micro_usd = u.cost_micro_usd + excluded.cost_micro_usd,
      wholesale_micro_usd = u.wholesale_micro_usd + excluded.wholesale_micro_usd, failovers = u.failovers + excluded.failovers,
      cache_read_tokens = u.cache_read_tokens + excluded.cache_read_tokens,
      cache_write_tokens = u.cache_write_tokens + excluded.cache_write_tokens,
      image_tokens = u.image_tokens + excluded.image_tokens, audio_tokens = u.audio_tokens + excluded.audio_tokens,
      reasoning_tokens = u.reasoning_tokens + excluded.reasoning_tokens, latencies = u.latencies + excluded.latencies,
      first_tokens = u.first_tokens + excluded.first_tokens;
  insert into public.daily_user_usage as u (tenant_id, day, user_id, api_key_id, model, provider_id, level_id, key_owner, provider_name,
      executions, failed_executions, input_tokens, output_tokens, tokens_charged, cost_micro_usd, wholesale_micro_usd,
      failovers, cache_read_tokens, cache_write_tokens, image_tokens, audio_tokens, reasoning_tokens, latencies, first_tokens)
    select tenant_id, date '1970-01-01' + hour / 24, user_id, api_key_id, model, provider_id, level_id, key_owner, max(provider_name),
      sum(executions), sum(failed_executions), sum(input_tokens), sum(output_tokens), sum(tokens_charged), sum(cost_micro_usd),
      sum(wholesale_micro_usd), sum(failovers), sum(cache_read_tokens), sum(cache_write_tokens), sum(image_tokens),
      sum(audio_tokens), sum(reasoning_tokens), sum(latencies), sum(first_tokens)
    from unnest(changed)
    group by 1, 2, 3, 4, 5, 6, 7, 8 order by 1, 2, 3, 4, 5, 6, 7, 8
    on conflict (tenant_id, day, user_id, api_key_id, model, provider_id, level_id, key_owner) do update set
      provider_name = coalesce(nullif(excluded.provider_name, ''), u.provider_name),
      executions = u.executions + excluded.executions, failed_executions = u.failed_executions + excluded.failed_executions,
      input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
      tokens_charged = u.tokens_charged + excluded.tokens_charged, cost_micro_usd = u.cost_micro_usd + excluded.cost_micro_usd,
      wholesale_micro_usd = u.wholesale_micro_usd + excluded.wholesale_micro_usd, failovers = u.failovers + excluded.failovers,
      cache_read_tokens = u.cache_read_tokens + excluded.cache_read_tokens,
      cache_write_tokens = u.cache_write_tokens + excluded.cache_write_tokens,
      image_tokens = u.image_tokens + excluded.image_tokens, audio_tokens = u.audio_tokens + excluded.audio_tokens,
      reasoning_tokens = u.reasoning_tokens + excluded.reasoning_tokens, latencies = u.latencies + excluded.latencies,
      first_tokens = u.first_tokens + excluded.first_tokens;
  insert into public.hourly_user_usage as u (tenant_id, hour, user_id, api_key_id, model, provider_id, level_id, key_owner, provider_name,
      executions, failed_executions, input_tokens, output_tokens, tokens_charged, cost_micro_usd, wholesale_micro_usd,
      failovers, cache_read_tokens, cache_write_tokens, image_tokens, audio_tokens, reasoning_tokens, latencies, first_tokens)
    select tenant_id, hour, user_id, api_key_id, model, provider_id, level_id, key_owner, max(provider_name),
      sum(executions), sum(failed_executions), sum(input_tokens), sum(output_tokens), sum(tokens_charged), sum(cost_micro_usd),
      sum(wholesale_micro_usd), sum(failovers), sum(cache_read_tokens), sum(cache_write_tokens), sum(image_tokens),
      sum(audio_tokens), sum(reasoning_tokens), sum(latencies), sum(first_tokens)
    from unnest(changed)
    group by 1, 2, 3, 4, 5, 6, 7, 8 order by 1, 2, 3, 4, 5, 6, 7, 8
    on conflict (tenant_id, hour, user_id, api_key_id, model, provider_id, level_id, key_owner) do update set
      provider_name = coalesce(nullif(excluded.provider_name, ''), u.provider_name),
      executions = u.executions + excluded.executions, failed_executions = u.failed_executions + excluded.failed_executions,
      input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
      tokens_charged = u.tokens_charged + excluded.tokens_charged, cost_micro_usd = u.cost_micro_usd + excluded.cost_micro_usd,
      wholesale_micro_usd = u.wholesale_micro_usd + excluded.wholesale_micro_usd, failovers = u.failovers + excluded.failovers,
      cache_read_tokens = u.cache_read_tokens + excluded.cache_read_tokens,
      cache_write_tokens = u.cache_write_tokens + excluded.cache_write_tokens,
      image_tokens = u.image_tokens + excluded.image_tokens, audio_tokens = u.audio_tokens + excluded.audio_tokens,
      reasoning_tokens = u.reasoning_tokens + excluded.reasoning_tokens, latencies = u.latencies + excluded.latencies,
      first_tokens = u.first_tokens + excluded.first_tokens;
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
  definition text := 'create or replace function app.%I() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as %L';
  became text := 'select 1 as sign, a.* from after_rows a where a.finished_at_ms is not null';
  were text := 'select -1, b.* from before_rows b where b.finished_at_ms is not null';
begin
  execute format(definition, 'count_new_usage', replace(body, 'CHANGES', '(' || became || ')'));
  execute format(definition, 'count_changed_usage', replace(body, 'CHANGES', '(' || became || ' union all ' || were || ')'));
end
$do$;
--> statement-breakpoint

-- The executions of before.
select set_config('app.role', 'operator', true);
--> statement-breakpoint
insert into hourly_user_usage
  select tenant_id, hour, user_id, api_key_id, model, provider_id, level_id, key_owner, max(provider_name), count(*),
    count(*) filter (where status in ('failed', 'expired')), sum(input_tokens), sum(output_tokens), sum(tokens_charged),
    sum(cost_micro_usd), sum(coalesce(wholesale_micro_usd, 0)), sum(failovers), sum(cache_read_tokens), sum(cache_write_tokens),
    sum(image_tokens), sum(audio_tokens), sum(reasoning_tokens),
    coalesce(sum(app.histogram_of(finished_at_ms - started_at_ms)) filter (where status = 'succeeded'), 0),
    coalesce(sum(app.histogram_of(first_token_ms)), 0)
  from (
    select tenant_id, (finished_at_ms / 3600000)::integer as hour, user_id,
      coalesce(api_key_id, '00000000-0000-0000-0000-000000000000'::uuid) as api_key_id, coalesce(model, '') as model,
      coalesce((attempts -> -1 ->> 'provider_id')::uuid, '00000000-0000-0000-0000-000000000000'::uuid) as provider_id,
      coalesce(level_id, '00000000-0000-0000-0000-000000000000'::uuid) as level_id,
      case when price ->> 'cost_list' = 'tenant' and tenant_id <> app.platform_tenant_id() then 'tenant' else 'platform' end as key_owner,
      coalesce(attempts -> -1 ->> 'provider_name', '') as provider_name, status, tokens_charged, cost_micro_usd, wholesale_micro_usd,
      greatest(jsonb_array_length(attempts) - 1, 0) as failovers, started_at_ms, finished_at_ms, first_token_ms, tokens.*
    from ai_executions cross join lateral (
      select coalesce(sum(value::bigint) filter (where key like any (array['input%', 'cache%'])), 0) as input_tokens,
        coalesce(sum(value::bigint) filter (where key like 'output%'), 0) as output_tokens,
        coalesce(sum(value::bigint) filter (where key like 'cache_read%'), 0) as cache_read_tokens,
        coalesce(sum(value::bigint) filter (where key like 'cache_write%'), 0) as cache_write_tokens,
        coalesce(sum(value::bigint) filter (where key like '%image%'), 0) as image_tokens,
        coalesce(sum(value::bigint) filter (where key like '%audio%'), 0) as audio_tokens,
        coalesce(sum(value::bigint) filter (where key like 'reasoning%'), 0) as reasoning_tokens
      from jsonb_each_text(usage)
    ) tokens
    where finished_at_ms is not null
  ) executions
  group by tenant_id, hour, user_id, api_key_id, model, provider_id, level_id, key_owner;
--> statement-breakpoint
insert into daily_user_usage
  select tenant_id, date '1970-01-01' + hour / 24, user_id, api_key_id, model, provider_id, level_id, key_owner, max(provider_name),
    sum(executions), sum(failed_executions), sum(input_tokens), sum(output_tokens), sum(tokens_charged), sum(cost_micro_usd),
    sum(wholesale_micro_usd), sum(failovers), sum(cache_read_tokens), sum(cache_write_tokens), sum(image_tokens),
    sum(audio_tokens), sum(reasoning_tokens), sum(latencies), sum(first_tokens)
  from hourly_user_usage group by 1, 2, 3, 4, 5, 6, 7, 8;
--> statement-breakpoint
insert into daily_usage (tenant_id, day, model, provider_id, key_owner, provider_name,
    executions, failed_executions, input_tokens, output_tokens, tokens_charged, cost_micro_usd, wholesale_micro_usd, failovers,
    cache_read_tokens, cache_write_tokens, image_tokens, audio_tokens, reasoning_tokens, latencies, first_tokens)
  select tenant_id, day, model, provider_id, key_owner, max(provider_name),
    sum(executions), sum(failed_executions), sum(input_tokens), sum(output_tokens), sum(tokens_charged), sum(cost_micro_usd),
    sum(wholesale_micro_usd), sum(failovers), sum(cache_read_tokens), sum(cache_write_tokens), sum(image_tokens),
    sum(audio_tokens), sum(reasoning_tokens), sum(latencies), sum(first_tokens)
  from daily_user_usage group by 1, 2, 3, 4, 5;
--> statement-breakpoint
select set_config('app.role', '', true);
